"""Access tokens that a resource server can read by itself (RFC 9068), and how any access token is found again.

A JWT is recorded like an opaque token, so that it can be revoked and introspected; what is recorded is a hash of its
``jti``, which nobody can present in place of the token.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from idp.clock import to_epoch_seconds
from idp.identifiers import hash_secret, is_identifier
from idp.keys.errors import NotOurToken
from idp.oidc.acr import acr_of_now
from idp.oidc.assigned_details import details_for
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.grant import Grant
from idp.oidc.ports import IdTokenSigner, OwnTokenVerifier

TYPE: Final = "at+jwt"
_MAXIMUM_CHARACTERS: Final = 8192


def sign_access_token(
    jti: str,
    grant: Grant,
    client: Client,
    signer: IdTokenSigner,
    *,
    issuer: str,
    audience: tuple[str, ...],
    scope: tuple[str, ...],
    confirmation: Confirmation | None,
    now: datetime,
    lifetime_seconds: int,
    status_max_age_seconds: int | None = None,
    authorization_details: AuthorizationDetails | None = None,
) -> str:
    """The JWT of an access token that was recorded.

    Takes:   audience, not empty; status_max_age_seconds, as for an ID token; authorization_details, all of the token's.
    Returns: a compact JWS in the algorithm that the client has registered for its ID tokens. ``sub`` is the person as
             this client's sector knows it, so that resource servers of two clients cannot compare notes.
    Source:  RFC 9068 §2.1, §2.2; RFC 7800 §3.1 (cnf); RFC 9396 §9.1 (authorization_details,
             those for this audience).
    """
    payload: dict[str, Any] = {
        "iss": issuer,
        "sub": grant.sub,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "client_id": client.client_id,
        "exp": to_epoch_seconds(now + timedelta(seconds=lifetime_seconds)),
        "iat": to_epoch_seconds(now),
        "jti": jti,
        "auth_time": to_epoch_seconds(grant.auth_time),
        "acr": acr_of_now(grant.acr, grant.status_time, issuer, now, status_max_age_seconds),
        "amr": list(grant.amr),
        "scope": " ".join(scope),
    }
    if confirmation is not None:
        payload["cnf"] = confirmation.to_claim()
    if told := details_for(authorization_details, audience):
        payload["authorization_details"] = told
    return signer.sign(payload, client.id_token_signed_response_alg, TYPE)


def is_jwt_client(client: Client) -> bool:
    """Whether this client's access tokens are JWTs."""
    return client.options.access_token_format == "jwt"


def hash_token_id(jti: str) -> bytes:
    """What is recorded in place of a JWT: SHA-256, 32 bytes, and never that of an opaque token.

    The ``jti`` can be read in the token, by those it is shown to as well; it is no secret.
    """
    return hashlib.sha256(b"at+jwt\x00" + jti.encode("utf-8", "surrogatepass")).digest()


def find_token_hash(unverified_token: str, own_tokens: OwnTokenVerifier | None) -> bytes | None:
    """Under which hash a presented token would be recorded.

    Returns: None for what this provider never issued: neither an identifier nor an access token that it signed.
    Source:  RFC 9068 §4 (typ, signature); the rest is in what was recorded.
    """
    if is_identifier(unverified_token):
        return hash_secret(unverified_token)
    if own_tokens is None or "." not in unverified_token or len(unverified_token) > _MAXIMUM_CHARACTERS:
        return None
    try:
        jti = own_tokens.verify_own(unverified_token, TYPE).get("jti")
    except NotOurToken:
        return None
    return hash_token_id(jti) if isinstance(jti, str) else None
