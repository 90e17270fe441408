"""The access token of a few minutes, good for userinfo or for named resources (RFC 6749 §1.4, RFC 6750, RFC 8707)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.identifiers import Randomness, hash_secret, new_identifier
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop_key import PROOF_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import LiveAccessToken
from idp.oidc.jwt_access_token import find_token_hash, hash_token_id
from idp.oidc.ports import GrantWriter, OwnTokenVerifier, TokenReader

_ALGS: Final = f'algs="{" ".join(PROOF_ALGORITHMS)}"'


@dataclass(frozen=True, slots=True)
class IssuedAccessToken:
    """A new access token, in the only moment at which it is known: ``token`` is the token, or the ``jti`` of one that
    is to be signed. ``audience`` is empty for userinfo, ``authorization_details`` are those that it carries."""

    token: str
    scope: tuple[str, ...]
    lifetime_seconds: int
    audience: tuple[str, ...] = ()
    authorization_details: AuthorizationDetails | None = None


def issue_access_token(
    grant_id: str,
    scope: tuple[str, ...],
    writer: GrantWriter,
    *,
    now: datetime,
    lifetime_seconds: int,
    randomness: Randomness,
    confirmation: Confirmation | None = None,
    audience: tuple[str, ...] = (),
    is_jwt: bool = False,
    authorization_details: AuthorizationDetails | None = None,
) -> IssuedAccessToken:
    """Make an access token under a grant and record its hash.

    Takes:   writer, the transaction in which the code or the refresh token was spent; confirmation, the key whose
             holder alone may use it, None for a bearer token; audience, the resources it is for, empty for userinfo;
             authorization_details, those that it carries, None where its grant has none.
    Returns: 43 base64url characters, 256 bits.
    Source:  RFC 6749 §5.1, §10.10; RFC 9700 §2.3 (restricted to the grant's scope).
    """
    token = new_identifier(randomness)
    expires_at = now + timedelta(seconds=lifetime_seconds)
    token_hash = hash_token_id(token) if is_jwt else hash_secret(token)
    writer.insert_access_token(
        token_hash, grant_id, scope, now, expires_at, confirmation, audience, authorization_details
    )
    return IssuedAccessToken(token, scope, lifetime_seconds, audience, authorization_details)


def verify_access_token(
    unverified_token: str, tokens: TokenReader, now: datetime, own_tokens: OwnTokenVerifier | None = None
) -> LiveAccessToken:
    """Establish that a presented token is one of ours, unexpired and unrevoked, of an account in good standing.

    Takes:  own_tokens, by which JWTs of ours are recognised; without it only opaque tokens are.
    Raises: OAuthError invalid_token.
    Source: RFC 6750 §3.1.
    """
    token_hash = find_token_hash(unverified_token, own_tokens)
    live = None if token_hash is None else tokens.find_access_token(token_hash, now)
    if live is None:
        raise bearer_error(ErrorCode.INVALID_TOKEN, "The access token is unknown, expired or revoked.")
    return live


def bearer_error(code: ErrorCode, description: str, *, detail: str = "") -> OAuthError:
    """A refusal in the form that a protected resource owes its client (RFC 6750 §3)."""
    authenticate = f'Bearer error="{code.value}", error_description="{description}"'
    return OAuthError(code, description, detail=detail or description, authenticate=authenticate)


def dpop_error(refusal: OAuthError) -> OAuthError:
    """The same refusal in the form that a protected resource owes whoever uses the scheme DPoP (RFC 9449 §7.1)."""
    return OAuthError(
        refusal.code,
        refusal.description,
        detail=refusal.detail,
        status=401,
        authenticate=f'DPoP error="{refusal.code.value}", error_description="{refusal.description}", {_ALGS}',
        headers=refusal.headers,
    )


def bare_challenge() -> str:
    """Both schemes, for who sent no credentials: no error code (RFC 6750 §3.1, RFC 9449 §7.1)."""
    return f"Bearer, DPoP {_ALGS}"
