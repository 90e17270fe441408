"""What is still missing, asked of the one rule in ``oidc.interaction`` with what the stores know."""

from dataclasses import replace
from datetime import datetime

from idp.card_login.authenticate import acr_of_card
from idp.card_login.proven_card import ProvenCard
from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.interaction import Step, next_step
from idp.oidc.status_time import newest_status
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.record import Authenticated, Signin


def find_usable_session(parts: SigninParts, browser: KnownBrowser, now: datetime) -> BrowserSession | None:
    """The browser's session, unless it ended or lay idle too long."""
    if not browser.session_hash:
        return None
    session = parts.store.find_browser_session(browser.session_hash, now)
    if session is None or now - session.last_used_at > parts.lifetimes.session_idle:
        return None
    if parts.statuses is None:
        return session
    maximum_age = parts.lifetimes.status_max_age
    status_time = newest_status(session.status_time, session.credential_id, parts.statuses, maximum_age, now)
    return session if status_time == session.status_time else replace(session, status_time=status_time)


def find_missing(
    parts: SigninParts, request: AuthorizationRequest, client: Client, session: BrowserSession | None, now: datetime
) -> Step:
    """What a new authorization request still needs.

    Raises: OAuthError login_required, consent_required for ``prompt=none``.
    Source: OIDC Core §3.1.2.3.
    """
    account_id = None if session is None else session.account_id
    return next_step(
        request,
        client,
        session,
        consented=_find_consent(parts, client, account_id, now),
        session_sub=_find_hinted_sub(parts, request, client, account_id),
        issuer=parts.issuer,
        now=now,
        status_max_age_seconds=int(parts.lifetimes.status_max_age.total_seconds()),
    ).step


def is_consent_missing(parts: SigninParts, signin: Signin, client: Client, who: Authenticated, now: datetime) -> bool:
    """Whether a person who is signed in must still be asked what may leave."""
    return _is_consent_missing(parts, signin, client, _as_session(who), who.account_id, now)


def is_consent_missing_after_card(
    parts: SigninParts, signin: Signin, proven: ProvenCard, client: Client, account_id: str | None, now: datetime
) -> bool:
    """The same for a card that was just shown; ``account_id`` is None for a person who is new."""
    shown = Authenticated(
        account_id=account_id or "",
        credential_id="",
        session_hash=b"",
        origin_hash=b"",
        auth_time=proven.verified_at,
        acr=acr_of_card(parts.issuer, proven),
        amr=proven.amr,
        status_time=proven.status_time,
        is_fresh=True,
    )
    return _is_consent_missing(parts, signin, client, _as_session(shown), account_id, now)


def _is_consent_missing(
    parts: SigninParts, signin: Signin, client: Client, session: BrowserSession, account_id: str | None, now: datetime
) -> bool:
    interaction = next_step(
        signin.request,
        client,
        session,
        consented=_find_consent(parts, client, account_id, now),
        # The hint is held against the person when the code is granted, where the subject is at hand anyway.
        session_sub=signin.request.id_token_hint_sub,
        issuer=parts.issuer,
        now=now,
        authenticated_at=session.auth_time,
    )
    return interaction.step is Step.CONSENT


def _find_consent(parts: SigninParts, client: Client, account_id: str | None, now: datetime) -> frozenset[str] | None:
    return None if account_id is None else parts.store.find_consent(account_id, client.client_id, now)


def _find_hinted_sub(
    parts: SigninParts, request: AuthorizationRequest, client: Client, account_id: str | None
) -> str | None:
    if request.id_token_hint_sub is None or account_id is None:
        return None
    return parts.store.find_subject(account_id, client.sector)


def _as_session(who: Authenticated) -> BrowserSession:
    return BrowserSession(
        session_hash=who.session_hash,
        origin_hash=who.origin_hash,
        account_id=who.account_id,
        credential_id=who.credential_id,
        auth_time=who.auth_time,
        acr=who.acr,
        amr=who.amr,
        status_time=who.status_time,
        created_at=who.auth_time,
        last_used_at=who.auth_time,
        expires_at=who.auth_time,
    )
