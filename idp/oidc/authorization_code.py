"""The authorization code: 256 random bits that a client exchanges once, within a minute, for what was granted.

Implements RFC 6749 §4.1.2, §4.1.3 and §10.5, RFC 7636 §4.6, RFC 9700 §2.1.1 and §4.8.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, hash_secret, new_identifier
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.constant_value import check_challenge_is_new
from idp.oidc.dpop import missing_proof
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant, SpentCode
from idp.oidc.parameters import Parameters
from idp.oidc.pkce import check_code_verifier
from idp.oidc.ports import GrantWriter

# Two requests of one browser that race finish within milliseconds; a killed process takes longer to be back.
_ANSWER_TIME: Final = timedelta(seconds=2)


def issue_code(
    grant: Grant,
    writer: GrantWriter,
    *,
    now: datetime,
    lifetime_seconds: int,
    randomness: Randomness = secrets.token_bytes,
    code: str | None = None,
) -> str:
    """Record a grant and make the one code that redeems it.

    Takes:   writer, the transaction in which the sign-in is finished; lifetime_seconds, at most 60; code, one that only
             this browser can have, None for a random one.
    Returns: 43 base64url characters, 256 bits. Only their hash is stored.
    Source:  RFC 6749 §4.1.2, §10.10; RFC 9700 §2.1.1.
    """
    issued = code or new_identifier(randomness)
    writer.insert_grant(grant, hash_secret(issued), now + timedelta(seconds=lifetime_seconds))
    return issued


def reissue_code(
    txn: str,
    writer: GrantWriter,
    *,
    now: datetime,
    lifetime_seconds: int,
    randomness: Randomness = secrets.token_bytes,
    code: str | None = None,
) -> str | None:
    """Make the code of a sign-in anew whose answer, with the first one, never arrived: a process was killed.

    Takes:   code, as for ``issue_code``.
    Returns: the code; None if it was redeemed, or the grant was made just now with another one (another request of the
             browser has it). A first code that differs is worth nothing afterwards.
    """
    issued = code or new_identifier(randomness)
    expires_at = now + timedelta(seconds=lifetime_seconds)
    is_replaced = writer.replace_code(txn, hash_secret(issued), expires_at, now - _ANSWER_TIME)
    return issued if is_replaced else None


def redeem_code(
    parameters: Parameters,
    client: Client,
    writer: GrantWriter,
    now: datetime,
    confirmation: Confirmation | None = None,
) -> SpentCode | OAuthError:
    """Spend an authorization code, once, for the client it was issued to.

    Takes:   parameters of the token request: ``code``, ``redirect_uri``, ``code_verifier``; confirmation, the key whose
             holder is asking, None for none.
    Returns: the grant; or the refusal (invalid_grant: unknown, spent, expired, another client's, another redirect_uri,
             wrong code_verifier or one of before, another key than dpop_jkt). The refusal is returned, not raised,
             because what it did must be committed: the caller raises it after the transaction.
    Raises:  OAuthError invalid_request: no code, or no code_verifier though there was a challenge; invalid_dpop_proof:
             no proof though there was a dpop_jkt. Raised out of the transaction, so that nothing was changed: to
             forget a parameter is no guess at it.
    Effect:  the code is spent even when the verifier is wrong, so that a thief has one try; a second use revokes
             everything the first one got.
    Source:  RFC 6749 §4.1.2, §4.1.3, §5.2; RFC 7636 §4.6; RFC 9700 §2.1.1, §4.8.2; RFC 9449 §10.
    """
    code = parameters.get("code")
    if code is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code is required.", detail="no code")
    code_hash = hash_secret(code)
    spent = writer.spend_code(code_hash, client.client_id, now)
    if spent is None:
        return _judge_unspendable(code_hash, client, writer, now)
    grant = spent.grant
    try:
        _check_redirect_uri(grant, parameters.get("redirect_uri"))
        check_code_verifier(grant.code_challenge, parameters.get("code_verifier"))
        _check_key(grant, confirmation)
        check_challenge_is_new(spent)
    except OAuthError as refusal:
        if refusal.code is not ErrorCode.INVALID_GRANT:
            raise
        writer.revoke_grant(grant.grant_id, now)
        return refusal
    return spent


def _judge_unspendable(code_hash: bytes, client: Client, writer: GrantWriter, now: datetime) -> OAuthError:
    reused = writer.find_spent_code_grant(code_hash, client.client_id)
    if reused is None:
        return _refusal("code is unknown, expired or another client's")
    if writer.revoke_grant(reused.grant_id, now):
        writer.append_audit(
            AuditRecord(
                AuditEvent.CODE_REUSED, now, account_id=reused.account_id, client_id=client.client_id, txn=reused.txn
            )
        )
    return _refusal("code was used before")


def _check_redirect_uri(grant: Grant, unverified_redirect_uri: str | None) -> None:
    # RFC 6749 §4.1.3 wants it repeated, OAuth 2.1 no longer does (PKCE binds the code); if it is there, it must match.
    if unverified_redirect_uri is None and grant.code_challenge is not None:
        return
    if unverified_redirect_uri != grant.redirect_uri:
        description = "redirect_uri is not that of the authorization request."
        raise OAuthError(ErrorCode.INVALID_GRANT, description, detail="another redirect_uri than at the authorization")


def _check_key(grant: Grant, confirmation: Confirmation | None) -> None:
    if grant.dpop_jkt is None:
        return
    if confirmation is None or confirmation.jkt is None:
        raise missing_proof()
    if confirmation.jkt != grant.dpop_jkt:
        description = "The DPoP proof is not made with the key of the authorization request."
        raise OAuthError(ErrorCode.INVALID_GRANT, description, detail="another key than dpop_jkt")


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_GRANT, "The code is invalid, expired or was used before.", detail=detail)
