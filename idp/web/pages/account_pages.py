"""``/account``: the person's own page of this provider, behind the card.

To read it a session of this browser is enough; whoever changes something has shown the card at most ten minutes ago.
Every change is asked on a page of its own and posted with the session's form token, so that no link can do it.
"""

from datetime import datetime
from typing import Any

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.identity.credential import CredentialState
from idp.oidc.errors import OAuthError
from idp.oidc.parameters import parse_parameters
from idp.signin.browser_binding import form_token, is_form_token
from idp.signin.own_account import OWN_CLIENT_ID
from idp.signin.own_account_change import (
    delete_account,
    find_followers,
    report_card_lost,
    sign_out_everywhere,
    withdraw_consent,
)
from idp.signin.own_account_overview import AccountOverview, OwnCard, ReachedClient
from idp.signin.own_account_session import OwnSession, find_own_session, start_own_signin
from idp.signin.parts import SigninParts
from idp.web.cookies import KNOWN_ACCOUNTS, SESSION
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.account_values import card_values, evidence_values, purpose_of, service_values
from idp.web.site import Site


class AccountPages:
    """The page, what it asks before a change, and the change."""

    def __init__(self, parts: SigninParts, site: Site, clock: Clock, base: str) -> None:
        self._parts = parts
        self._site = site
        self._clock = clock
        self._base = base
        self._purposes = {profile.name: profile.purpose for profile in parts.verifier.profiles}

    def show(self, request: Request) -> Response:
        """Cards, services and what each received; without a session the card comes first."""
        now = self._clock()
        session = find_own_session(self._parts, self._site.browser(request), now)
        if session is None:
            return self._to_card()
        overview = self._overview(session, now)
        return self._site.page(
            request,
            "account.html",
            self._site.language(request),
            opened_at=overview.opened_at,
            cards=[card_values(card, self._purposes, session.credential_id) for card in overview.cards],
            services=[self._shown(service) for service in overview.services],
            may_change=session.may_change,
        )

    def sign_in(self, request: Request) -> Response:
        """Begin with the card, whatever session there is."""
        started = start_own_signin(self._parts, self._site.language(request), self._clock())
        return see_other(f"{self._base}/login/{started.tx}", *self._site.begin_transaction(request, started))

    def ask_withdraw(self, request: Request) -> Response:
        """Ask before a service loses what it was given."""
        session, overview = self._may_change(request)
        if session is None:
            return self._to_card()
        service = _find_reached(overview, request.path_values["client_id"])
        address = f"services/{service.client_id}"
        return self._ask(request, "withdraw", address, service=self._shown(service))

    def withdraw(self, request: Request) -> Response:
        """End the service's grants and tokens, and forget the consent."""
        session = self._check_form(request)
        if session is None:
            return self._to_card()
        client_id = request.path_values["client_id"]
        if not (client_id.isascii() and client_id.isprintable()):
            raise PageRefused(PageReason.NOT_FOUND)
        withdraw_consent(self._parts, session.account_id, client_id, self._clock())
        return self._done(request, "withdraw")

    def ask_lost(self, request: Request) -> Response:
        """Ask before a card or phone stops working here, and say if it is the last one."""
        session, overview = self._may_change(request)
        if session is None:
            return self._to_card()
        card = _find_card(overview, request.path_values["credential_id"])
        stopped = find_followers(self._parts, session.account_id, card.credential_id)
        left = [each for each in overview.cards if each.credential_id not in stopped and self._signs_in(each)]
        return self._ask(
            request,
            "lost",
            f"cards/{card.credential_id}",
            card=card_values(card, self._purposes, session.credential_id),
            is_last=not left,
            has_followers=len(stopped) > 1,
        )

    def report_lost(self, request: Request) -> Response:
        """Suspend the card or phone, and whatever it vouched for."""
        session = self._check_form(request)
        if session is None:
            return self._to_card()
        now = self._clock()
        card = _find_card(self._overview(session, now), request.path_values["credential_id"])
        suspended = report_card_lost(self._parts, session.account_id, card.credential_id, now)
        cookies = (self._site.cookies.delete(SESSION),) if session.credential_id in suspended else ()
        return self._done(request, "lost", *cookies)

    def ask_sign_out(self, request: Request) -> Response:
        """Ask before every session ends."""
        session, _ = self._may_change(request)
        return self._to_card() if session is None else self._ask(request, "sign_out", "sign-out")

    def sign_out(self, request: Request) -> Response:
        """End all sessions, grants and tokens."""
        session = self._check_form(request)
        if session is None:
            return self._to_card()
        sign_out_everywhere(self._parts, session.account_id, self._clock())
        return self._done(request, "sign_out", self._site.cookies.delete(SESSION))

    def ask_delete(self, request: Request) -> Response:
        """Ask before the account goes, and say what stays, why and until when."""
        session, overview = self._may_change(request)
        if session is None:
            return self._to_card()
        blocked = any(card.state is not CredentialState.ACTIVE for card in overview.cards)
        evidence = [
            (record, self._parts.clients.find_client(record.client_id))
            for record in self._parts.store.find_account_evidence(session.account_id)
        ]
        return self._ask(request, "delete", "delete", has_blocked=blocked, evidence=evidence_values(evidence))

    def delete(self, request: Request) -> Response:
        """Delete the account."""
        session = self._check_form(request)
        if session is None:
            return self._to_card()
        delete_account(self._parts, session.account_id, self._clock())
        cookies = self._site.cookies
        return self._done(request, "delete", cookies.delete(SESSION), cookies.delete(KNOWN_ACCOUNTS))

    def _to_card(self) -> Response:
        return see_other(f"{self._base}/account/sign-in")

    def _overview(self, session: OwnSession, now: datetime) -> AccountOverview:
        overview = self._parts.store.find_account_overview(session.account_id, OWN_CLIENT_ID, now)
        if overview is None:
            # The session was live a moment ago: the account was deleted in another window meanwhile.
            raise PageRefused(PageReason.NOT_FOUND)
        return overview

    def _may_change(self, request: Request) -> tuple[OwnSession, AccountOverview] | tuple[None, AccountOverview]:
        now = self._clock()
        session = find_own_session(self._parts, self._site.browser(request), now)
        if session is None or not session.may_change:
            return None, AccountOverview(now, (), ())
        return session, self._overview(session, now)

    def _check_form(self, request: Request) -> OwnSession | None:
        """The session that a posted form was made for; None if the card has to be shown first.

        Raises: PageRefused invalid_form.
        """
        secret = self._site.cookies.find(request, SESSION)
        session = find_own_session(self._parts, self._site.browser(request), self._clock())
        if session is None or secret is None:
            return None
        if request.media_type != "application/x-www-form-urlencoded":
            raise PageRefused(PageReason.INVALID_FORM, "not a form")
        try:
            form = parse_parameters(request.body.decode("latin-1"))
            form.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if not is_form_token(secret, form.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        return session if session.may_change else None

    def _ask(self, request: Request, change: str, address: str, **values: Any) -> Response:
        secret = self._site.cookies.find(request, SESSION) or ""
        nothing: dict[str, Any] = {
            "service": None,
            "card": None,
            "is_last": False,
            "has_followers": False,
            "has_blocked": False,
            "evidence": [],
        }
        return self._site.page(
            request,
            "account_confirm.html",
            self._site.language(request),
            **nothing | values,
            change=change,
            address=address,
            csrf=form_token(secret),
        )

    def _done(self, request: Request, change: str, *cookies: tuple[str, str]) -> Response:
        is_signed_in = not cookies
        return self._site.page(
            request,
            "account_done.html",
            self._site.language(request),
            headers=cookies,
            change=change,
            is_signed_in=is_signed_in,
        )

    def _signs_in(self, card: OwnCard) -> bool:
        return card.state is CredentialState.ACTIVE and purpose_of(card, self._purposes) == "user-authentication"

    def _shown(self, service: ReachedClient) -> dict[str, Any]:
        return service_values(service, self._parts.clients.find_client(service.client_id))


def _find_reached(overview: AccountOverview, client_id: str) -> ReachedClient:
    for service in overview.services:
        if service.client_id == client_id and (service.has_access or service.agreed_until):
            return service
    raise PageRefused(PageReason.NOT_FOUND)


def _find_card(overview: AccountOverview, credential_id: str) -> OwnCard:
    for card in overview.cards:
        if is_identifier(credential_id) and card.credential_id == credential_id:
            return card
    raise PageRefused(PageReason.NOT_FOUND)
