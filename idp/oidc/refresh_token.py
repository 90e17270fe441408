"""The refresh token: rotated at every use, with a moment's grace for lost answers and an alarm for stolen ones.

One that is of no use to a thief, because it is bound to a key or to a client that proves itself, is kept instead.
Implements RFC 6749 §6, RFC 9700 §2.2.2 and §4.14.2, RFC 9449 §5, OIDC Core §11 and §12.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, hash_secret, new_identifier
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop import missing_proof
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant, StoredRefreshToken
from idp.oidc.parameters import Parameters
from idp.oidc.ports import GrantWriter
from idp.oidc.sender import is_kept_at_refresh

# An honest client repeats a lost request a few times, not without end.
GRACE_USES: Final = 5
# However often it is rotated, a grant ends a year after the person last showed a card for it.
ABSOLUTE_LIFETIME: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class RefreshedGrant:
    """What a refresh token was good for.

    ``scope`` is that of the new access token, ``refresh_scope`` that of the next refresh token (RFC 6749 §6: the same
    as before, however narrow the access token). ``is_refresh_token_kept`` says that there is no next one.
    """

    grant: Grant
    scope: tuple[str, ...]
    refresh_scope: tuple[str, ...]
    is_refresh_token_kept: bool = False


def may_refresh(client: Client, scope: tuple[str, ...]) -> bool:
    """Whether a grant comes with a refresh token: the person allowed offline access and the client is registered."""
    return "offline_access" in scope and "refresh_token" in client.grant_types


def issue_refresh_token(
    grant: Grant,
    scope: tuple[str, ...],
    writer: GrantWriter,
    *,
    now: datetime,
    lifetime_seconds: int,
    randomness: Randomness,
    confirmation: Confirmation | None = None,
) -> str:
    """Make a refresh token under a grant and record its hash.

    Takes:   confirmation, the key whose holder alone may use it, None for none.
    Returns: 43 base64url characters, 256 bits. It expires when not used for ``lifetime_seconds``.
    Source:  RFC 6749 §6, §10.4; RFC 9700 §4.14.2 (expires on inactivity).
    """
    token = new_identifier(randomness)
    expires_at = _end(grant, now, lifetime_seconds)
    writer.insert_refresh_token(hash_secret(token), grant.grant_id, scope, now, expires_at, confirmation)
    return token


def redeem_refresh_token(
    parameters: Parameters,
    client: Client,
    writer: GrantWriter,
    *,
    now: datetime,
    grace_seconds: int,
    lifetime_seconds: int,
    confirmation: Confirmation | None = None,
) -> RefreshedGrant | OAuthError:
    """Spend a refresh token for the client it was issued to, or keep it where the client's are kept.

    Takes:   parameters of the token request: ``refresh_token``, ``scope``; lifetime_seconds, for how long from now a
             kept one lives on; confirmation, the key whose holder is asking, None for none.
    Returns: what it is good for; or the refusal (invalid_grant: unknown, expired, revoked, another client's, used
             before). The refusal is returned, not raised, because what it did must be committed.
    Raises:  OAuthError invalid_request: no refresh_token; invalid_scope: more than was granted; invalid_dpop_proof,
             invalid_grant: bound to a key that the sender did not prove to have. The caller lets these leave the
             transaction, so that the token is not spent: a thief without the key cannot end it for its owner.
    Effect:  a token that was spent at most ``grace_seconds`` ago works again, at most five times: the answer may have
             been lost. Any later use means that two parties hold it, and ends the whole grant. For a public client
             the answer that may have been lost is worth as little afterwards.
    Source:  RFC 6749 §6; RFC 9700 §4.14.2; RFC 9449 §5; FAPI 2.0 §5.3.2.1 (9).
    """
    token = parameters.get("refresh_token")
    if token is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "refresh_token is required.", detail="no refresh_token")
    token_hash = hash_secret(token)
    if is_kept_at_refresh(client):
        kept = _find_kept(token_hash, client, writer, now)
        if kept is not None:
            _check_key(kept, confirmation)
            scope = _narrow_scope(kept.scope, parameters.get("scope"))
            writer.extend_refresh_token(token_hash, now, _end(kept.grant, now, lifetime_seconds))
            return RefreshedGrant(kept.grant, scope, kept.scope, is_refresh_token_kept=True)
    stored = writer.spend_refresh_token(token_hash, client.client_id, now)
    if stored is None:
        judged = _judge_unspendable(token_hash, client, writer, now=now, grace_seconds=grace_seconds)
        if isinstance(judged, OAuthError):
            return judged
        stored = judged
    _check_key(stored, confirmation)
    return RefreshedGrant(stored.grant, _narrow_scope(stored.scope, parameters.get("scope")), stored.scope)


def _end(grant: Grant, now: datetime, lifetime_seconds: int) -> datetime:
    return min(now + timedelta(seconds=lifetime_seconds), grant.created_at + ABSOLUTE_LIFETIME)


def _find_kept(token_hash: bytes, client: Client, writer: GrantWriter, now: datetime) -> StoredRefreshToken | None:
    stored = writer.find_refresh_token(token_hash, client.client_id)
    if stored is None or not stored.is_grant_live or stored.spent_at is not None or stored.expires_at <= now:
        return None
    # From before the client was registered so: nothing binds it, so it is rotated (RFC 9700 §2.2.2).
    if client.is_public and stored.confirmation is None:
        return None
    return stored


def _check_key(stored: StoredRefreshToken, confirmation: Confirmation | None) -> None:
    if stored.confirmation is None:
        return
    if stored.confirmation.jkt is not None and (confirmation is None or confirmation.jkt is None):
        raise missing_proof()
    if not stored.confirmation.is_proven_by(confirmation):
        raise _refusal("refresh_token is bound to another key")


def _judge_unspendable(
    token_hash: bytes, client: Client, writer: GrantWriter, *, now: datetime, grace_seconds: int
) -> StoredRefreshToken | OAuthError:
    stored = writer.find_refresh_token(token_hash, client.client_id)
    if stored is None:
        return _refusal("refresh_token is unknown or another client's")
    if not stored.is_grant_live:
        return _refusal("the grant was revoked")
    if stored.spent_at is None:
        return _refusal("refresh_token is expired")
    is_within_grace = now - stored.spent_at <= timedelta(seconds=grace_seconds)
    if is_within_grace and now < stored.expires_at and writer.count_refresh_grace_use(token_hash, GRACE_USES):
        if client.is_public:
            # Nothing binds this token to its client: if two parties hold it, one line of successors must end, so that
            # whoever holds that line gives both away at its next use.
            writer.retire_refresh_tokens(stored.grant.grant_id, now)
        return stored
    if writer.revoke_grant(stored.grant.grant_id, now):
        writer.append_audit(
            AuditRecord(
                AuditEvent.REFRESH_TOKEN_REUSED,
                now,
                account_id=stored.grant.account_id,
                client_id=client.client_id,
                txn=stored.grant.txn,
            )
        )
    return _refusal("refresh_token was used before")


def _narrow_scope(granted: tuple[str, ...], asked: str | None) -> tuple[str, ...]:
    if asked is None:
        return granted
    wanted = asked.split()
    if not wanted or not set(granted).issuperset(wanted):
        raise OAuthError(ErrorCode.INVALID_SCOPE, "scope exceeds what was granted.", detail="scope widened at refresh")
    return tuple(value for value in granted if value in wanted)


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_GRANT, "The refresh token is invalid, expired or was used before.", detail=detail
    )
