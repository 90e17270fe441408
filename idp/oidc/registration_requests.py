"""Members of a client that concern its authorization requests and their answers.

Implements JARM §3, RFC 9126 §6, RFC 9101 §10.5, OIDC Registration §2.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from idp.keys.jws_registry import SIGNING_ALGORITHMS as ID_TOKEN_ALGORITHMS
from idp.oidc.authorization_checks import MAXIMUM_MAX_AGE_SECONDS
from idp.oidc.client_assertion import SIGNING_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import check_registrable_redirect_uri
from idp.oidc.registration_members import MemberGroup, is_flag, is_list_of_texts, is_text

_LEVEL: Final = re.compile(r"[!-~]+")


def is_signing_requests(metadata: Mapping[str, Any]) -> bool:
    """Whether a client registers keys to sign requests with, whatever it authenticates with."""
    return "request_object_signing_alg" in metadata or bool(metadata.get("require_signed_request_object"))


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    algorithm = metadata.get("authorization_signed_response_alg")
    if algorithm is not None and algorithm not in ID_TOKEN_ALGORITHMS:
        raise _refusal(f"authorization_signed_response_alg is one of {' '.join(ID_TOKEN_ALGORITHMS)}")
    algorithm = metadata.get("request_object_signing_alg")
    if algorithm is not None and algorithm not in SIGNING_ALGORITHMS:
        raise _refusal(f"request_object_signing_alg is one of {' '.join(SIGNING_ALGORITHMS)}")
    if is_signing_requests(metadata) and not {"jwks", "jwks_uri"} & metadata.keys():
        raise _refusal("jwks or jwks_uri is required for request objects: they are verified with the client's own keys")
    if any(_LEVEL.fullmatch(level) is None for level in metadata.get("default_acr_values", ())):
        raise _refusal("default_acr_values are texts without spaces, one level each")
    if "initiate_login_uri" in metadata:
        _check_initiate_login_uri(metadata["initiate_login_uri"], sandbox=sandbox)


def _check_initiate_login_uri(uri: str, *, sandbox: bool) -> None:
    try:
        # OIDC Registration §2: https. People are sent there, so it is as strict as a place that answers are sent to.
        check_registrable_redirect_uri(uri, sandbox=sandbox)
    except OAuthError as error:
        raise _refusal(f"initiate_login_uri: {error.description}") from error


def _is_age(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAXIMUM_MAX_AGE_SECONDS


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


REQUEST_MEMBERS: Final = MemberGroup(
    {
        "authorization_signed_response_alg": is_text,
        "require_pushed_authorization_requests": is_flag,
        "request_object_signing_alg": is_text,
        "require_signed_request_object": is_flag,
        "default_max_age": _is_age,
        "require_auth_time": is_flag,  # kept for everybody: auth_time is in every ID token
        "default_acr_values": is_list_of_texts,
        "initiate_login_uri": is_text,
        "authorization_details_types": is_list_of_texts,
    },
    _check,
)
