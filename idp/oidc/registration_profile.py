"""``profile``: what a client of a FAPI 2.0 profile may register, so that nothing in it contradicts the profile.

Implements FAPI 2.0 Security Profile §5.3.2, §5.4; FAPI 2.0 Message Signing §5.3 to §5.5. A member that is left out is
as the profile wants it; one that says otherwise is refused, for its author believes something that will not be so.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from idp.oidc.client_profile import MESSAGE_SIGNING, PROFILE_ALGORITHMS, PROFILES, describes_fapi
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_text

_METHODS: Final = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
_ALGORITHM_MEMBERS: Final = (
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "request_object_signing_alg",
)
_FLAGS: Final = (
    "require_pkce",
    "require_pushed_authorization_requests",
)


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    profile = metadata.get("profile")
    if profile is not None and profile not in PROFILES:
        raise _refusal(f"profile is one of {' '.join(PROFILES)}")
    if not describes_fapi(metadata):
        return
    for contradiction in _find_contradictions(metadata):
        raise _refusal(f"profile {profile}: {contradiction}")


def _find_contradictions(metadata: Mapping[str, Any]) -> Iterator[str]:
    # F3, F6
    if metadata.get("token_endpoint_auth_method") not in _METHODS:
        yield f"token_endpoint_auth_method is one of {' '.join(_METHODS)}"
    # F4, F5: with neither named, DPoP is required.
    if metadata.get("dpop_bound_access_tokens") is False and not metadata.get(
        "tls_client_certificate_bound_access_tokens"
    ):
        yield "access tokens are bound to a key or a certificate"
    # F17, F19
    for name in _FLAGS:
        if metadata.get(name) is False:
            yield f"{name} cannot be false"
    # F22: also in a sandbox, where http on loopback is let pass otherwise.
    if not all(uri.startswith("https://") for uri in metadata.get("redirect_uris", ())):
        yield "redirect_uris are https"
    # F27
    for name in _ALGORITHM_MEMBERS:
        if metadata.get(name, "ES256") not in PROFILE_ALGORITHMS:
            yield f"{name} is one of {' '.join(sorted(PROFILE_ALGORITHMS))}"
    if metadata.get("profile") == MESSAGE_SIGNING:
        yield from _find_unsigned(metadata)


def _find_unsigned(metadata: Mapping[str, Any]) -> Iterator[str]:
    if metadata.get("require_signed_request_object") is False:
        yield "require_signed_request_object cannot be false"
    if not {"jwks", "jwks_uri"} & metadata.keys():
        yield "jwks or jwks_uri is required for signed requests"
    if "authorization_signed_response_alg" not in metadata:
        # JARM's own default is RS256.
        yield "authorization_signed_response_alg is required"


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


PROFILE_MEMBERS: Final = MemberGroup({"profile": is_text}, _check)
