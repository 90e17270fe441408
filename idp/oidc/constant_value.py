"""Challenges and nonces that a client does not make anew for each request.

Implements the effort of RFC 9700 §2.1.1 against constant values: the same ``code_challenge`` is refused where it is
certain that one verifier was used twice, the same ``nonce`` is told.
"""

from datetime import datetime
from typing import Final

from idp.client_journal import ClientJournal, ClientNote
from idp.log import log_line
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import SpentCode

_PLACE: Final = "POST /token"
CONSTANT_NONCE: Final = "constant_nonce"


def check_challenge_is_new(spent: SpentCode) -> None:
    """Refuse a code whose verifier has redeemed another code of the same client.

    Takes:  a code that was spent just now and whose verifier has been checked.
    Raises: OAuthError invalid_grant: a client that makes a verifier for each request never redeems two codes with one,
            whatever people reload, press twice or open again: it has used up its own state with the first.
    Source: RFC 9700 §2.1.1 ("constant").
    """
    if spent.is_challenge_repeated:
        raise OAuthError(
            ErrorCode.INVALID_GRANT,
            "This code_verifier has redeemed another code before: make a new one for each authorization request.",
            detail="constant code_challenge",
        )


def tell_constant_nonce(spent: SpentCode, journal: ClientJournal, now: datetime) -> None:
    """Tell operator and developer of a nonce with which this client has redeemed a code before.

    Effect: a line in the log and a note in the client's journal, without the value. Nothing is refused: a client checks
            the nonce only in the ID token, so that two codes may come to be redeemed for one nonce in good order.
    Source: RFC 9700 §2.1.1; OIDC Core §3.1.2.1, §15.5.2.
    """
    if spent.is_nonce_repeated:
        grant = spent.grant
        log_line("constant_nonce", "warning", client_id=grant.client_id, txn=grant.txn)
        detail = "this nonce was used before: make a new one for each authorization request"
        journal.note(ClientNote(grant.client_id, now, _PLACE, CONSTANT_NONCE, detail, grant.txn))
