"""The beginning of a sign-in: a validated authorization request, answered at once or given a transaction."""

from dataclasses import dataclass
from datetime import datetime

from idp.identifiers import encode_base64url, new_identifier
from idp.log import log_line
from idp.oidc.authorization_request import AuthorizationRequest, identify, parse_authorization_request
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.errors import AuthorizationRefused, OAuthError
from idp.oidc.interaction import Step
from idp.oidc.received_request import ReceivedRequest
from idp.oidc.redirect_uri import VerifiedRedirect
from idp.oidc.request_sources import check_received
from idp.outage import StoreConflict
from idp.presenter.opening import Opening
from idp.signin.card_transaction import check_declarable
from idp.signin.finish import grant_code
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.record import Authenticated, Signin
from idp.signin.release import needs_fresh_card
from idp.signin.step import Finished, SigninOver
from idp.signin.what_is_missing import find_missing, find_usable_session


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """An authorization request that may be acted on, with its client and the place its answers go to."""

    request: AuthorizationRequest
    client: Client
    redirect: VerifiedRedirect


@dataclass(frozen=True, slots=True)
class Started:
    """A transaction was made: ``cookie_secret`` binds it to this browser, ``tx`` names its pages."""

    tx: str
    cookie_secret: str


def accept_request(parts: SigninParts, received: ReceivedRequest) -> AcceptedRequest:
    """Establish client, redirect target and a well-formed request, in this order.

    Raises: OAuthError until the target is proven (a page), AuthorizationRefused afterwards (a redirect).
    Source: RFC 6749 §4.1.2.1; OIDC Core §3.1.2.2.
    """
    parameters = received.parameters
    client, redirect = identify(parameters, parts.clients)
    try:
        check_received(received, client, parts.requests)
    except OAuthError as error:
        raise AuthorizationRefused(error, redirect) from error
    request = parse_authorization_request(
        parameters,
        client,
        redirect,
        id_token_hints=parts.id_token_hints,
        claims_policy=parts.claims_policy,
        details_types=parts.requests.details_types,
    )
    return AcceptedRequest(request, client, redirect)


def start_signin(
    parts: SigninParts, accepted: AcceptedRequest, browser: KnownBrowser, language: str, now: datetime
) -> Started | Finished:
    """Answer the request with this browser's session if that is enough; otherwise begin a transaction.

    Raises: AuthorizationRefused: prompt=none, and something would have to be asked; or the details asked for do not fit
            into what would be signed. SigninOver: the client was removed a moment ago.
    Effect: a code in one durable transaction, or a new record in the transient store; nothing for a refusal.
    """
    try:
        check_declarable(parts, accepted.request, accepted.client, now)
    except OAuthError as error:
        raise AuthorizationRefused(error, accepted.redirect) from error
    session = find_usable_session(parts, browser, now)
    if needs_fresh_card(parts, accepted.request, accepted.client, now):
        session = None
    try:
        missing = find_missing(parts, accepted.request, accepted.client, session, now)
    except OAuthError as error:
        raise AuthorizationRefused(error, accepted.redirect) from error
    who = None if session is None or missing is Step.SIGN_IN else _from_session(session)
    signin = _new_signin(parts, accepted, language, who, now)
    if missing is Step.NOTHING and who is not None:
        try:
            with parts.store.writing() as writer:
                response = grant_code(parts, writer, signin, accepted.client, accepted.redirect, who, now)
                writer.touch_browser_session(who.session_hash, now)
        except StoreConflict as conflict:
            raise SigninOver("client_changed") from conflict
        log_line("signed_in_again", txn=signin.txn, client_id=accepted.client.client_id)
        return Finished(response, None, None)
    return put_signin(parts, signin, now)


def _new_signin(
    parts: SigninParts, accepted: AcceptedRequest, language: str, who: Authenticated | None, now: datetime
) -> Signin:
    return Signin(
        tx=new_identifier(),
        txn=new_identifier(),
        request=accepted.request,
        client_fingerprint=encode_base64url(accepted.client.fingerprint),
        language=language,
        issued_at=now,
        expires_at=now + parts.lifetimes.signin,
        opening=Opening(tries_left=parts.presenter_tries),
        authenticated=who,
    )


def put_signin(parts: SigninParts, signin: Signin, now: datetime) -> Started:
    """Store a new record and make the secret that binds it to this browser."""
    cookie_secret = new_identifier()
    parts.shelf.put_new(cookie_secret, signin, now)
    return Started(signin.tx, cookie_secret)


def _from_session(session: BrowserSession) -> Authenticated:
    return Authenticated(
        account_id=session.account_id,
        credential_id=session.credential_id,
        session_hash=session.session_hash,
        origin_hash=session.origin_hash,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        status_time=session.status_time,
        is_fresh=False,
    )
