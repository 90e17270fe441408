"""The return address: one use, and only in the browser that began the sign-in."""

from dataclasses import dataclass, replace
from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.log import log_line
from idp.presenter.opening import OpeningState, end_opening, is_return_secret, mark_returned
from idp.signin.browser_binding import handle_of, record_key_of
from idp.signin.parts import SigninParts
from idp.signin.shelf import StoredSignin

POSSIBLE_RELAY = "possible_relay"


@dataclass(frozen=True, slots=True)
class ReturnedHere:
    """The right browser came back; ``is_first`` says that this call used the address up."""

    stored: StoredSignin
    is_first: bool


@dataclass(frozen=True, slots=True)
class ReturnedElsewhere:
    """Another browser opened an address; ``is_relay`` says that its secret was good, so the transaction has ended."""

    stored: StoredSignin
    is_relay: bool


def find_return(parts: SigninParts, key: str, now: datetime) -> StoredSignin | None:
    """The sign-in that a return address belongs to; None if it is over."""
    return parts.shelf.find_by_key(key, now)


def accept_return(
    parts: SigninParts, stored: StoredSignin, unverified_secret: str, cookie_secret: str | None, now: datetime
) -> ReturnedHere | ReturnedElsewhere:
    """Judge who opened the return address.

    Takes:  cookie_secret, that of this browser's cookie for ``stored.signin.tx``, if it has one.
    Raises: SigninConflict: another request was faster.
    Effect: in the right browser the address is used up. In another one a good secret ends the transaction and is
            audited as a possible relay: somebody had another person prove a card for them.
    Source: card presenter protocol §1, §3.4; threats T1 and U4 of RFC 9700's update.
    """
    opening = stored.signin.opening
    is_good = is_return_secret(opening, unverified_secret)
    is_here = cookie_secret is not None and record_key_of(handle_of(cookie_secret)) == stored.key
    if not is_here:
        if is_good and opening.state in (OpeningState.PROVED, OpeningState.RETURNED):
            _end_as_relay(parts, stored, now)
            return ReturnedElsewhere(stored, is_relay=True)
        return ReturnedElsewhere(stored, is_relay=False)
    if is_good and opening.state is OpeningState.PROVED:
        signin = replace(stored.signin, opening=mark_returned(opening))
        return ReturnedHere(parts.shelf.replace(stored, signin, now), is_first=True)
    return ReturnedHere(stored, is_first=False)


def _end_as_relay(parts: SigninParts, stored: StoredSignin, now: datetime) -> None:
    signin = stored.signin
    ended = replace(signin, opening=end_opening(signin.opening, POSSIBLE_RELAY), proven=None, authenticated=None)
    parts.shelf.replace(stored, ended, now)
    with parts.store.writing() as writer:
        writer.append_audit(
            AuditRecord(AuditEvent.POSSIBLE_RELAY, now, client_id=signin.request.client_id, txn=signin.txn)
        )
    log_line("possible_relay", "warning", txn=signin.txn, client_id=signin.request.client_id)
