"""The members of a client that say how its tokens are bound, what form they have and what they are for.

Source: RFC 9449 §5.2 (dpop_bound_access_tokens); RFC 9701 §6 (introspection_signed_response_alg); for what is ours RFC
        9068 §2 (access_token_format), RFC 8707 §2 (resources), RFC 7662 §2.1 (protected_resources).
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from idp.keys.jws_registry import SIGNING_ALGORITHMS as ID_TOKEN_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_flag, is_list_of_texts, is_text

ACCESS_TOKEN_FORMATS: Final = ("opaque", "jwt")
MAXIMUM_RESOURCE_CHARACTERS: Final = 256


def is_resource_server_alone(metadata: Mapping[str, Any]) -> bool:
    """Whether this client signs nobody in: it only asks about tokens, so it needs no redirect_uris."""
    return bool(metadata.get("protected_resources")) and metadata.get("grant_types") == []


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    if metadata.get("access_token_format", "opaque") not in ACCESS_TOKEN_FORMATS:
        raise _refusal(f"access_token_format is one of {' '.join(ACCESS_TOKEN_FORMATS)}")
    for name in ("resources", "protected_resources"):
        resources = metadata.get(name, ())
        if len(set(resources)) != len(resources):
            raise _refusal(f"{name} has one address twice")
        for resource in resources:
            _check_resource(resource, sandbox)
    if metadata.get("protected_resources") and metadata.get("token_endpoint_auth_method") == "none":
        raise _refusal("protected_resources needs a client that proves itself, or anybody could ask about tokens")
    if metadata.get("introspection_signed_response_alg", "ES256") not in ID_TOKEN_ALGORITHMS:
        raise _refusal(f"introspection_signed_response_alg is one of {' '.join(ID_TOKEN_ALGORITHMS)}")


def _check_resource(resource: str, sandbox: bool) -> None:
    """RFC 8707 §2: an absolute URI without a fragment; ours is an address, so that no two spellings are compared."""
    try:
        parts = urlsplit(resource)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    is_plain = resource.isascii() and resource.isprintable() and not set(resource) & set(' "<>\\^`{|}#@')
    if not is_address or not is_plain or len(resource) > MAXIMUM_RESOURCE_CHARACTERS:
        raise _refusal("a resource is an address of at most 256 characters, without a fragment")
    if parts.scheme != "https" and not (sandbox and parts.scheme == "http"):
        raise _refusal("a resource is an https address")


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


TOKEN_MEMBERS: Final = MemberGroup(
    {
        "dpop_bound_access_tokens": is_flag,
        "access_token_format": is_text,
        "resources": is_list_of_texts,
        "protected_resources": is_list_of_texts,
        "introspection_signed_response_alg": is_text,
    },
    _check,
)
