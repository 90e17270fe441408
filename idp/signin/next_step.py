"""The one dispatcher: from the stored sign-in and what the person has just answered to what happens next.

Steps never lead to each other; each returns here. Whether somebody must sign in or agree is asked of one rule,
``oidc.interaction``, here and at the authorization request, where it also answers ``prompt=none``.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import encode_base64url
from idp.identity.errors import CredentialRefused, CredentialRevoked
from idp.jpki.errors import Rejection
from idp.log import log_line
from idp.oidc.authorization_code import reissue_code
from idp.oidc.client import Client
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.grant import AlreadyGranted
from idp.oidc.redirect_uri import VerifiedRedirect, verify_redirect_uri
from idp.outage import StoreConflict
from idp.presenter.opening import Opening, OpeningState, end_opening
from idp.signin.finish import grant_code, make_session, save_given_consent
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.ports import SigninWriter
from idp.signin.record import Authenticated, Signin
from idp.signin.shelf import SigninConflict, StoredSignin
from idp.signin.step import (
    AskConsent,
    CardFailed,
    ConfirmBrowser,
    Finished,
    NewSession,
    PresentCard,
    SigninOver,
    Step,
    WaitForCard,
)
from idp.signin.what_is_missing import find_usable_session, is_consent_missing, is_consent_missing_after_card


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person has just answered, each behind a form token."""

    is_browser_confirmed: bool = False
    is_consent_given: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one call of the dispatcher stands: the sign-in, the client it is for, the browser it comes from."""

    stored: StoredSignin
    client: Client
    redirect: VerifiedRedirect
    browser: KnownBrowser
    answers: Answers
    now: datetime

    @property
    def signin(self) -> Signin:
        return self.stored.signin


def next_step(parts: SigninParts, stored: StoredSignin, browser: KnownBrowser, answers: Answers, now: datetime) -> Step:
    """Bring the sign-in as far as it goes without asking the person anything more.

    Raises: SigninOver: the client was changed or removed meanwhile.
            SigninConflict: another request of this browser was faster; reading again shows where it stands.
            AuthorizationRefused: somebody else than the one hinted at has signed in.
    Effect: may open an account, make a session, record consent, grant and code; all in one durable transaction.
    """
    client, redirect = check_client_unchanged(parts, stored.signin)
    place = _Place(stored, client, redirect, browser, answers, now)
    try:
        if stored.signin.authenticated is not None:
            return _after_sign_in(parts, place, stored.signin.authenticated)
        return _where_the_card_is(place) or _after_the_card(parts, place)
    except AlreadyGranted:
        return _finish_again(parts, place)
    except StoreConflict as conflict:
        # The database knows better than this process's memory: the client was removed a moment ago.
        raise SigninOver("client_changed") from conflict


def check_client_unchanged(parts: SigninParts, signin: Signin) -> tuple[Client, VerifiedRedirect]:
    """Establish that the client is still the one that the person was shown, and where its answer goes.

    Raises: SigninOver client_changed.
    """
    client = parts.clients.find_client(signin.request.client_id)
    if client is None or encode_base64url(client.fingerprint) != signin.client_fingerprint:
        raise SigninOver("client_changed")
    try:
        return client, verify_redirect_uri(client, signin.request.redirect_uri, signin.request.state)
    except OAuthError as error:
        raise SigninOver("client_changed") from error


def _where_the_card_is(place: _Place) -> Step | None:
    opening = place.signin.opening
    shown = (place.stored, place.client, place.redirect)
    if opening.state is OpeningState.WAITING:
        return PresentCard(*shown)
    if opening.state is OpeningState.ENDED:
        return CardFailed(*shown, opening.last_error)
    if opening.state is not OpeningState.RETURNED:
        return WaitForCard(*shown)
    return None


def _after_the_card(parts: SigninParts, place: _Place) -> Step:
    proven = place.signin.proven
    if proven is None:
        raise RuntimeError("a returned sign-in has no proven card")
    credential = parts.store.find_credential(proven.presented.digests)
    is_known = credential is not None and credential.account_id in place.browser.account_ids
    if not is_known and not place.answers.is_browser_confirmed:
        return ConfirmBrowser(place.stored, place.client, place.redirect)
    account_id = None if credential is None else credential.account_id
    _check_is_hinted_person(parts, place, account_id)
    # A consent posted before its page was shown counts for nothing.
    asks = is_consent_missing_after_card(parts, place.signin, proven, place.client, account_id, place.now)
    try:
        with parts.store.writing() as writer:
            who, session = make_session(parts, writer, place.signin, proven, place.browser, place.now)
            location = None if asks else _grant(parts, writer, place, who)
    except CredentialRefused as refused:
        return _refuse_account(parts, place, refused)
    if location is not None:
        return _finished(parts, place, location, session)
    return AskConsent(_keep_who(parts, place, who), place.client, place.redirect, session)


def _keep_who(parts: SigninParts, place: _Place, who: Authenticated) -> StoredSignin:
    try:
        return parts.shelf.replace(place.stored, replace(place.signin, authenticated=who), place.now)
    except SigninConflict:
        # Another request was faster and made a session too; nobody gets the secret of this one.
        with parts.store.writing() as writer:
            writer.end_browser_session(who.session_hash, place.now)
        raise


def _finish_again(parts: SigninParts, place: _Place) -> Step:
    """Answer a sign-in that has its grant: its code was lost with a process, or another request is just delivering it.

    Raises: SigninOver sign_in_ended: the return address and the waiting page came at once, and the other one has it.
    """
    lifetime_seconds = int(parts.lifetimes.code.total_seconds())
    with parts.store.writing() as writer:
        code = reissue_code(place.signin.txn, writer, now=place.now, lifetime_seconds=lifetime_seconds)
    if code is None:
        raise SigninOver("sign_in_ended")
    return _finished(parts, place, place.redirect.success_location(code, parts.issuer), None)


def _check_is_hinted_person(parts: SigninParts, place: _Place, account_id: str | None) -> None:
    """Establish, before anything is written, that the card is not another person's than the one hinted at.

    Raises: AuthorizationRefused login_required.
    Source: OIDC Core §3.1.2.1, id_token_hint.
    """
    hinted = place.signin.request.id_token_hint_sub
    if hinted is None:
        return
    sub = None if account_id is None else parts.store.find_subject(account_id, place.client.sector)
    if sub != hinted:
        parts.shelf.remove(place.stored, place.now)
        error = OAuthError(ErrorCode.LOGIN_REQUIRED, "Another person than the one hinted at has signed in.")
        raise AuthorizationRefused(error, place.redirect)


def _after_sign_in(parts: SigninParts, place: _Place, who: Authenticated) -> Step:
    if not _is_still_signed_in(parts, place, who):
        return _sign_in_again(parts, place)
    given = place.answers.is_consent_given
    if not given and is_consent_missing(parts, place.signin, place.client, who, place.now):
        return AskConsent(place.stored, place.client, place.redirect, None)
    with parts.store.writing() as writer:
        if given:
            scope = frozenset(place.signin.request.scope)
            save_given_consent(parts, writer, place.signin, who.account_id, scope, place.now)
        location = _grant(parts, writer, place, who)
    return _finished(parts, place, location, None)


def _is_still_signed_in(parts: SigninParts, place: _Place, who: Authenticated) -> bool:
    session = find_usable_session(parts, KnownBrowser(who.session_hash), place.now)
    if session is None:
        return False
    if place.browser.session_hash == who.session_hash:
        return True
    # An answer with the new cookie may have been lost; but nobody else may have signed in here while the page waited.
    return find_usable_session(parts, place.browser, place.now) is None


def _sign_in_again(parts: SigninParts, place: _Place) -> Step:
    # The person signed out in another tab, or the account was suspended or the card revoked, while this page waited.
    fresh = replace(place.signin, opening=Opening(tries_left=parts.presenter_tries), proven=None, authenticated=None)
    return PresentCard(parts.shelf.replace(place.stored, fresh, place.now), place.client, place.redirect)


def _grant(parts: SigninParts, writer: SigninWriter, place: _Place, who: Authenticated) -> str:
    return grant_code(parts, writer, place.signin, place.client, place.redirect, who, place.now)


def _finished(parts: SigninParts, place: _Place, location: str, session: NewSession | None) -> Finished:
    parts.shelf.remove(place.stored, place.now)
    log_line("signed_in", txn=place.signin.txn, client_id=place.client.client_id)
    return Finished(location, place.signin.tx, session)


def _refuse_account(parts: SigninParts, place: _Place, refused: CredentialRefused) -> CardFailed:
    # Sticky: a credential that was revoked once stays so, whatever its status source says now.
    reason = Rejection.REVOKED if isinstance(refused, CredentialRevoked) else Rejection.SUSPENDED
    ended = replace(place.signin, opening=end_opening(place.signin.opening, reason.value), proven=None)
    stored = parts.shelf.replace(place.stored, ended, place.now)
    with parts.store.writing() as writer:
        writer.append_audit(
            AuditRecord(
                AuditEvent.CARD_REFUSED,
                place.now,
                refused.account_id,
                place.client.client_id,
                place.signin.txn,
                reason.value,
            )
        )
    log_line("account_refused", "warning", txn=place.signin.txn, reason=reason.value)
    return CardFailed(stored, place.client, place.redirect, reason.value)
