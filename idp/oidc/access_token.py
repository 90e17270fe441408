"""The access token: an opaque token of a few minutes, good for userinfo (RFC 6749 §1.4, RFC 6750, RFC 9449 §7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.identifiers import Randomness, hash_secret, new_identifier
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop_key import PROOF_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import LiveAccessToken
from idp.oidc.ports import GrantWriter, TokenReader

# RFC 6750 §2.1, b64token; ours have 43 characters, and nothing longer is hashed.
_MAXIMUM_CHARACTERS: Final = 512
_ALGS: Final = f'algs="{" ".join(PROOF_ALGORITHMS)}"'


@dataclass(frozen=True, slots=True)
class IssuedAccessToken:
    """A new access token, in the only moment at which it is known."""

    token: str
    scope: tuple[str, ...]
    lifetime_seconds: int


def issue_access_token(
    grant_id: str,
    scope: tuple[str, ...],
    writer: GrantWriter,
    *,
    now: datetime,
    lifetime_seconds: int,
    randomness: Randomness,
    confirmation: Confirmation | None = None,
) -> IssuedAccessToken:
    """Make an access token under a grant and record its hash.

    Takes:   writer, the transaction in which the code or the refresh token was spent; confirmation, the key whose
             holder alone may use it, None for a bearer token.
    Returns: 43 base64url characters, 256 bits.
    Source:  RFC 6749 §5.1, §10.10; RFC 9700 §2.3 (restricted to the grant's scope).
    """
    token = new_identifier(randomness)
    expires_at = now + timedelta(seconds=lifetime_seconds)
    writer.insert_access_token(hash_secret(token), grant_id, scope, now, expires_at, confirmation)
    return IssuedAccessToken(token, scope, lifetime_seconds)


def verify_access_token(unverified_token: str, tokens: TokenReader, now: datetime) -> LiveAccessToken:
    """Establish that a presented token is one of ours, unexpired and unrevoked, of an account in good standing.

    Raises: OAuthError invalid_token.
    Source: RFC 6750 §3.1.
    """
    live = None
    if len(unverified_token) <= _MAXIMUM_CHARACTERS:
        live = tokens.find_access_token(hash_secret(unverified_token), now)
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
