"""Members of a client that concern its authorization requests and their answers.

Implements JARM §3, RFC 9126 §6, RFC 9101 §10.5, OIDC Registration §2.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.client_assertion import SIGNING_ALGORITHMS
from idp.oidc.discovery import ID_TOKEN_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_flag, is_text


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
    if is_signing_requests(metadata) and "jwks" not in metadata:
        raise _refusal("jwks is required for request objects: they are verified with the client's own keys")


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


REQUEST_MEMBERS: Final = MemberGroup(
    {
        "authorization_signed_response_alg": is_text,
        "require_pushed_authorization_requests": is_flag,
        "request_object_signing_alg": is_text,
        "require_signed_request_object": is_flag,
    },
    _check,
)
