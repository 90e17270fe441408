"""Profiles: one word in a client's registration that switches every rule of a FAPI 2.0 document at once.

Implements the FAPI 2.0 Security Profile, §5.3.2 and §5.4, as ``fapi2``; with it FAPI 2.0 Message Signing, §5.3 to §5.5,
as ``fapi2-message-signing``. What holds for every client anyway (code flow, S256, one use, 303, ``iss``) is not said
again here; what a registration may contain is in ``registration_profile``.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.client import Client

SECURITY: Final = "fapi2"
MESSAGE_SIGNING: Final = "fapi2-message-signing"
PROFILES: Final = (SECURITY, MESSAGE_SIGNING)
# FAPI 2.0 Security Profile §5.4 (1).
PROFILE_ALGORITHMS: Final = frozenset({"PS256", "ES256", "EdDSA"})


def is_fapi(client: Client) -> bool:
    """Whether the rules of the Security Profile hold for this client."""
    return client.options.profile in PROFILES


def is_message_signing(client: Client) -> bool:
    """Whether its requests and the answers to them are signed too."""
    return client.options.profile == MESSAGE_SIGNING


def is_algorithm_allowed(client: Client, algorithm: object) -> bool:
    """Whether a JWT of this client may be signed so (F27: no RS256)."""
    return not is_fapi(client) or algorithm in PROFILE_ALGORITHMS


def assertion_audiences(client: Client, issuer: str, endpoint_url: str) -> tuple[str, ...]:
    """What a client assertion may name as its audience (F8: the issuer alone)."""
    return (issuer,) if is_fapi(client) else (issuer, endpoint_url)


def must_push(client: Client) -> bool:
    """Whether authorization requests come by the back channel only (F17)."""
    return client.options.require_pushed_authorization_requests or is_fapi(client)


def must_sign_requests(client: Client) -> bool:
    """Whether authorization requests are request objects only."""
    return client.options.require_signed_request_object or is_message_signing(client)


def must_get_jwt_answers(client: Client) -> bool:
    """Whether authorization responses are JWTs only (FAPI 2.0 Message Signing §5.4.1).

    Stricter: also where the client registered for encrypted ones (JARM §3), or whoever writes the link would choose
              whether they are encrypted.
    """
    return is_message_signing(client) or client.options.authorization_encrypted_response_alg is not None


def describes_fapi(metadata: Mapping[str, Any]) -> bool:
    """Whether a registration asks for one of the profiles."""
    return metadata.get("profile") in PROFILES
