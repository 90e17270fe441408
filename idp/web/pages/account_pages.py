"""``/account``: the person's own page of this provider, behind the card.

To read it a session of this browser is enough; whoever changes something has shown the card at most ten minutes ago.
Every change is asked on a page of its own and posted with the session's form token, so that no link can do it.
"""

from typing import Any

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.identity.credential import CredentialState
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.signin.attach_ceremony import has_ceremony
from idp.signin.logout_frames import find_logout_frames
from idp.signin.own_account_change import (
    delete_account,
    find_followers,
    report_card_lost,
    sign_out_everywhere,
    withdraw_consent,
)
from idp.signin.own_account_overview import AccountOverview, OwnCard, ReachedClient
from idp.signin.own_account_session import OwnSession, start_own_signin
from idp.signin.parts import SigninParts
from idp.web.cookies import KNOWN_ACCOUNTS, SESSION
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.account_forms import AccountForms
from idp.web.pages.account_values import (
    announced_values,
    card_values,
    evidence_values,
    purpose_of,
    purposes_of,
    request_values,
    service_values,
)
from idp.web.site import Site


class AccountPages:
    """The page, what it asks before a change, and the change."""

    def __init__(self, parts: SigninParts, site: Site, forms: AccountForms, clock: Clock, base: str) -> None:
        self._parts = parts
        self._site = site
        self._forms = forms
        self._clock = clock
        self._base = base
        self._purposes = purposes_of(parts)

    def show(self, request: Request) -> Response:
        """Cards, services and what each received; without a session the card comes first."""
        session = self._forms.find_session(request)
        if session is None:
            return self._forms.to_card()
        now, store = self._clock(), self._parts.store
        overview = self._forms.get_overview(session)
        return self._site.page(
            request,
            "account.html",
            self._site.language(request),
            opened_at=overview.opened_at,
            cards=[card_values(card, self._purposes, session.credential_id) for card in overview.cards],
            announced=announced_values(store, session, overview, now),
            requests=request_values(store.find_shown_link_requests(session.account_id, now)),
            has_ceremony=has_ceremony(self._parts),
            services=[self._shown(service) for service in overview.services],
            may_change=session.may_change,
        )

    def sign_in(self, request: Request) -> Response:
        """Begin with the card, whatever session there is."""
        started = start_own_signin(self._parts, self._site.language(request), self._clock())
        return see_other(f"{self._base}/login/{started.tx}", *self._site.begin_transaction(request, started))

    def ask_withdraw(self, request: Request) -> Response:
        """Ask before a service loses what it was given."""
        session, overview = self._forms.find_changing(request)
        if session is None:
            return self._forms.to_card()
        service = _find_reached(overview, request.path_values["client_id"])
        address = f"services/{service.client_id}"
        return self._forms.ask(request, "withdraw", address, service=self._shown(service))

    def withdraw(self, request: Request) -> Response:
        """End the service's grants and tokens, and forget the consent."""
        session = self._forms.check_changing(request)
        if session is None:
            return self._forms.to_card()
        client_id = request.path_values["client_id"]
        if not (client_id.isascii() and client_id.isprintable()):
            raise PageRefused(PageReason.NOT_FOUND)
        withdraw_consent(self._parts, session.account_id, client_id, self._clock())
        return self._forms.done(request, "withdraw")

    def ask_lost(self, request: Request) -> Response:
        """Ask before a card or phone stops working here, and say if it is the last one."""
        session, overview = self._forms.find_changing(request)
        if session is None:
            return self._forms.to_card()
        card = _find_card(overview, request.path_values["credential_id"])
        stopped = find_followers(self._parts, session.account_id, card.credential_id)
        left = [each for each in overview.cards if each.credential_id not in stopped and self._signs_in(each)]
        return self._forms.ask(
            request,
            "lost",
            f"cards/{card.credential_id}",
            card=card_values(card, self._purposes, session.credential_id),
            is_last=not left,
            has_followers=len(stopped) > 1,
        )

    def report_lost(self, request: Request) -> Response:
        """Suspend the card or phone, and whatever it vouched for."""
        session = self._forms.check_changing(request)
        if session is None:
            return self._forms.to_card()
        now = self._clock()
        card = _find_card(self._forms.get_overview(session), request.path_values["credential_id"])
        suspended = report_card_lost(self._parts, session.account_id, card.credential_id, now)
        if session.credential_id not in suspended:
            return self._forms.done(request, "lost")
        return self._forms.done(request, "lost", self._site.cookies.delete(SESSION), frames=self._frames(session))

    def ask_sign_out(self, request: Request) -> Response:
        """Ask before every session ends."""
        session, _ = self._forms.find_changing(request)
        return self._forms.to_card() if session is None else self._forms.ask(request, "sign_out", "sign-out")

    def sign_out(self, request: Request) -> Response:
        """End all sessions, grants and tokens."""
        session = self._forms.check_changing(request)
        if session is None:
            return self._forms.to_card()
        sign_out_everywhere(self._parts, session.account_id, self._clock())
        return self._forms.done(request, "sign_out", self._site.cookies.delete(SESSION), frames=self._frames(session))

    def ask_delete(self, request: Request) -> Response:
        """Ask before the account goes, and say what stays, why and until when."""
        session, overview = self._forms.find_changing(request)
        if session is None:
            return self._forms.to_card()
        blocked = any(card.state is not CredentialState.ACTIVE for card in overview.cards)
        evidence = [
            (record, self._parts.clients.find_client(record.client_id))
            for record in self._parts.store.find_account_evidence(session.account_id)
        ]
        return self._forms.ask(request, "delete", "delete", has_blocked=blocked, evidence=evidence_values(evidence))

    def delete(self, request: Request) -> Response:
        """Delete the account."""
        session = self._forms.check_changing(request)
        if session is None:
            return self._forms.to_card()
        # Before the grants go, since they are what remembers which clients there are.
        frames = self._frames(session)
        delete_account(self._parts, session.account_id, self._clock())
        cookies = self._site.cookies
        return self._forms.done(
            request, "delete", cookies.delete(SESSION), cookies.delete(KNOWN_ACCOUNTS), frames=frames
        )

    def _frames(self, session: OwnSession) -> tuple[LogoutFrame, ...]:
        return find_logout_frames(self._parts, session.account_id, session.origin_hash)

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
