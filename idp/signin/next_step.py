"""The one dispatcher: from the stored sign-in and what the person has just answered to what happens next.

Steps never lead to each other; each returns here. Whether somebody must sign in or agree is asked of one rule,
``oidc.interaction``, here and at the authorization request, where it also answers ``prompt=none``.
"""

from dataclasses import replace
from datetime import datetime

from idp.identifiers import encode_base64url, new_identifier
from idp.identity.errors import CredentialRefused, LinkageUnanswered
from idp.jpki.errors import Unverifiable
from idp.oidc.authorization_code import reissue_code
from idp.oidc.client import Client
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.grant import AlreadyGranted
from idp.oidc.redirect_uri import VerifiedRedirect, verify_redirect_uri
from idp.oidc.response_mode import AuthorizationResponse
from idp.outage import StoreConflict
from idp.presenter.opening import Opening, OpeningState
from idp.signin.attach_ceremony import after_attaching_card
from idp.signin.finish import grant_code, make_session, save_given_consent
from idp.signin.own_account import find_signin_client, is_own_account, own_account_address
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.place import Answers, Place, fail_at, finish_at, is_still_signed_in, refuse_account_at
from idp.signin.ports import SigninWriter
from idp.signin.record import Authenticated, Signin
from idp.signin.release import find_items, needs_signature
from idp.signin.shelf import SigninConflict, StoredSignin
from idp.signin.signature import after_the_signature, choose_offered, step_up_at
from idp.signin.step import (
    AskConsent,
    CardFailed,
    ConfirmBrowser,
    PresentCard,
    SigninOver,
    Step,
    TellAttached,
    WaitForCard,
)
from idp.signin.step_up import is_recent
from idp.signin.what_is_missing import is_consent_missing, is_consent_missing_after_card


def next_step(parts: SigninParts, stored: StoredSignin, browser: KnownBrowser, answers: Answers, now: datetime) -> Step:
    """Bring the sign-in as far as it goes without asking the person anything more.

    Raises: SigninOver: the client was changed or removed meanwhile.
            SigninConflict: another request of this browser was faster; reading again shows where it stands.
            AuthorizationRefused: somebody else than the one hinted at has signed in.
    Effect: may open an account, make a session, record consent, grant and code; all in one durable transaction.
    """
    client, redirect = check_client_unchanged(parts, stored.signin)
    place = Place(stored, client, redirect, browser, answers, now)
    try:
        who = stored.signin.authenticated
        if stored.signin.attaching is not None:
            return _where_the_card_is(place) or after_attaching_card(parts, place, stored.signin.attaching)
        if who is not None and stored.signin.opening.purpose == "digital-signature":
            return _where_the_card_is(place) or after_the_signature(parts, place, who)
        if who is not None:
            return _after_sign_in(parts, place, who)
        return _where_the_card_is(place) or _after_the_card(parts, place)
    except AlreadyGranted:
        return _finish_again(parts, place)
    except StoreConflict as conflict:
        # The database knows better than this process's memory: the client was removed a moment ago.
        raise SigninOver("client_changed") from conflict


def check_client_unchanged(parts: SigninParts, signin: Signin) -> tuple[Client, VerifiedRedirect]:
    """Establish that the client is still the one that the person was shown, and where its answer goes.

    Raises: SigninOver client_changed. NoEncryptionKey: there is no way to answer this client now.
    """
    client = find_signin_client(parts.clients, parts.issuer, signin.request.client_id)
    if client is None or encode_base64url(client.fingerprint) != signin.client_fingerprint:
        raise SigninOver("client_changed")
    try:
        request = signin.request
        return client, verify_redirect_uri(
            client, request.redirect_uri, request.state, request.response_mode, parts.clients
        )
    except NoEncryptionKey:
        # Nothing is lost: the sign-in goes on with the next request, once the client's keys can be had again.
        raise
    except OAuthError as error:
        raise SigninOver("client_changed") from error


def _where_the_card_is(place: Place) -> Step | None:
    opening = place.signin.opening
    shown = (place.stored, place.client, place.redirect)
    if opening.state is OpeningState.WAITING:
        return PresentCard(*shown)
    if opening.state is OpeningState.ENDED:
        return CardFailed(*shown, opening.last_error)
    if opening.state is not OpeningState.RETURNED:
        return WaitForCard(*shown)
    return None


def _after_the_card(parts: SigninParts, place: Place) -> Step:
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
    items = find_items(parts, place.signin, place.client)
    is_own = is_own_account(place.signin)
    asks = not is_own and (
        bool(items) or is_consent_missing_after_card(parts, place.signin, proven, place.client, account_id, place.now)
    )
    tells = not is_own and credential is not None and credential.is_account_announcing(place.now)
    try:
        with parts.store.writing() as writer:
            who, session = make_session(parts, writer, place.signin, proven, place.browser, place.now)
            response = None if asks or tells or is_own else _grant(parts, writer, place, who)
    except LinkageUnanswered:
        return fail_at(parts, place, Unverifiable.LINKAGE_UNAVAILABLE.value)
    except CredentialRefused as refused:
        return refuse_account_at(parts, place, refused)
    if response is not None:
        return finish_at(parts, place, response, session)
    stored = _keep_who(parts, place, who, is_untold=tells)
    if is_own:
        return finish_at(parts, place, own_account_address(parts.issuer), session)
    if tells:
        return TellAttached(stored, place.client, place.redirect, session)
    return AskConsent(stored, place.client, place.redirect, session, items)


def _keep_who(parts: SigninParts, place: Place, who: Authenticated, *, is_untold: bool) -> StoredSignin:
    try:
        kept = replace(place.signin, authenticated=who, is_untold=is_untold)
        return parts.shelf.replace(place.stored, kept, place.now)
    except SigninConflict:
        # Another request was faster and made a session too; nobody gets the secret of this one.
        with parts.store.writing() as writer:
            writer.end_browser_session(who.session_hash, place.now)
        raise


def _finish_again(parts: SigninParts, place: Place) -> Step:
    """Answer a sign-in that has its grant: its code was lost with a process, its form was sent twice, or another
    request is just delivering it.

    Raises: SigninOver sign_in_ended: the return address and the waiting page came at once, and the other one has it.
    """
    lifetime_seconds = int(parts.lifetimes.code.total_seconds())
    with parts.store.writing() as writer:
        code = reissue_code(
            place.signin.txn, writer, now=place.now, lifetime_seconds=lifetime_seconds, code=place.answers.code
        )
    if code is None:
        raise SigninOver("sign_in_ended")
    return finish_at(parts, place, place.redirect.success(code, parts.issuer), None)


def _check_is_hinted_person(parts: SigninParts, place: Place, account_id: str | None) -> None:
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


def _after_sign_in(parts: SigninParts, place: Place, who: Authenticated) -> Step:
    if not is_still_signed_in(parts, place, who):
        return _sign_in_again(parts, place)
    if is_own_account(place.signin):
        # No second session of one card: the answer that has it is on its way, or the page asks for the card again.
        return finish_at(parts, place, own_account_address(parts.issuer), None)
    if place.signin.is_untold:
        if not place.answers.is_told:
            return TellAttached(place.stored, place.client, place.redirect, None)
        told = replace(place.signin, is_untold=False)
        place = replace(place, stored=parts.shelf.replace(place.stored, told, place.now))
    given = place.answers.is_consent_given
    items = find_items(parts, place.signin, place.client)
    if not given and (items or is_consent_missing(parts, place.signin, place.client, who, place.now)):
        return AskConsent(place.stored, place.client, place.redirect, None, items)
    if items:
        agreed = choose_offered(items, place.answers.ticked)
        if needs_signature(agreed):
            is_young = is_recent(place.signin, place.now)
            return step_up_at(parts, place, agreed) if is_young else _sign_in_again(parts, place)
        place = replace(place, stored=replace(place.stored, signin=replace(place.signin, agreed=agreed)))
    with parts.store.writing() as writer:
        if given:
            scope = frozenset(place.signin.request.scope)
            is_once = bool(items) or place.signin.request.authorization_details is not None
            save_given_consent(parts, writer, place.signin, who.account_id, scope, place.now, is_once=is_once)
        response = _grant(parts, writer, place, who)
    return finish_at(parts, place, response, None)


def _sign_in_again(parts: SigninParts, place: Place) -> Step:
    # The person signed out in another tab, or the account was suspended or the card revoked, while this page waited.
    opening = Opening(tries_left=parts.presenter_tries)
    # Under another txn, for the next card may be another person's, who must not be given the first one's grant.
    fresh = replace(
        place.signin, txn=new_identifier(), opening=opening, proven=None, authenticated=None, is_untold=False
    )
    return PresentCard(parts.shelf.replace(place.stored, fresh, place.now), place.client, place.redirect)


def _grant(parts: SigninParts, writer: SigninWriter, place: Place, who: Authenticated) -> AuthorizationResponse:
    return grant_code(parts, writer, place.signin, place.client, place.redirect, who, place.now, place.answers.code)
