"""Where one call of the dispatcher stands, and the ends that several of its steps share."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from idp.audit import AuditEvent, AuditRecord
from idp.identity.errors import CredentialRefused, CredentialRevoked, DifferentPerson
from idp.jpki.errors import Rejection
from idp.log import log_line
from idp.oidc.client import Client
from idp.oidc.redirect_uri import VerifiedRedirect
from idp.oidc.response_mode import AuthorizationResponse
from idp.presenter.opening import end_opening
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.record import Authenticated, Signin
from idp.signin.shelf import StoredSignin
from idp.signin.step import CardFailed, Finished, NewSession
from idp.signin.what_is_missing import find_usable_session


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person has just answered, each behind a form token.

    ``is_told`` says that the person read what joined their account. ``ticked`` are the items chosen with a consent,
    ``code`` what is issued for it: the same for a form sent twice, of whose answers the browser follows the one and
    never sees the other. None: a code that nobody foresees.
    """

    is_browser_confirmed: bool = False
    is_told: bool = False
    is_consent_given: bool = False
    ticked: tuple[str, ...] = ()
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The sign-in, the client it is for, the browser it comes from, and what was answered there."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect
    browser: KnownBrowser
    answers: Answers
    now: datetime

    @property
    def signin(self) -> Signin:
        """The sign-in as stored."""
        return self.stored.signin


def is_still_signed_in(parts: SigninParts, place: Place, who: Authenticated) -> bool:
    """Whether the session that a page waited for still lives, and nobody else signed in here meanwhile."""
    session = find_usable_session(parts, KnownBrowser(who.session_hash), place.now)
    if session is None:
        return False
    if place.browser.session_hash == who.session_hash:
        return True
    # An answer with the new cookie may have been lost; but then this browser has no other session.
    return find_usable_session(parts, place.browser, place.now) is None


def finish_at(
    parts: SigninParts, place: Place, destination: AuthorizationResponse | str, session: NewSession | None
) -> Finished:
    """Send the browser to the client, or to a page of this provider.

    Effect: a record with somebody's attributes goes at once. Any other one is left to expire: that spares a write, and
            should this very answer be lost, a reload finds the sign-in and is given its code anew.
    """
    if place.signin.agreed:
        parts.shelf.remove(place.stored, place.now)
    log_line("signed_in", txn=place.signin.txn, client_id=place.client.client_id)
    return Finished(destination, place.signin.tx, session)


def fail_at(parts: SigninParts, place: Place, reason: str) -> CardFailed:
    """End the presenter's part after the card was accepted; the page says why and leads on."""
    ended = replace(place.signin, opening=end_opening(place.signin.opening, reason), proven=None)
    stored = parts.shelf.replace(place.stored, ended, place.now)
    log_line("account_refused", "warning", txn=place.signin.txn, reason=reason)
    return CardFailed(stored, place.client, place.redirect, reason)


def refuse_account_at(parts: SigninParts, place: Place, refused: CredentialRefused) -> CardFailed:
    """End a sign-in whose card is genuine and whose account or credential may not sign in."""
    reason = Rejection.SUSPENDED
    if isinstance(refused, CredentialRevoked):
        # Sticky: a credential that was revoked once stays so, whatever its status source says now.
        reason = Rejection.REVOKED
    elif isinstance(refused, DifferentPerson):
        reason = Rejection.DIFFERENT_PERSON
    audit_refusal(parts, place, refused.account_id, reason)
    return fail_at(parts, place, reason.value)


def audit_refusal(parts: SigninParts, place: Place, account_id: str | None, reason: StrEnum) -> None:
    """Record, in a transaction of its own, that a genuine card was refused."""
    client_id, txn = place.client.client_id, place.signin.txn
    with parts.store.writing() as writer:
        writer.append_audit(AuditRecord(AuditEvent.CARD_REFUSED, place.now, account_id, client_id, txn, reason.value))
