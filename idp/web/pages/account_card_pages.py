"""``/account/attach``, ``/account/request``, ``/account/attachments``: one person with several cards and phones.

Adding needs a session and no fresh card, because the cards themselves are proven afresh in what it begins. Undoing is a
change like the others: an older card, shown at most ten minutes ago.
"""

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.identity.account import Account
from idp.identity.errors import LinkRefused
from idp.signin.attach_ceremony import has_ceremony, start_attaching, start_request
from idp.signin.own_account_change import undo_attached
from idp.signin.own_account_session import OwnSession
from idp.signin.parts import SigninParts
from idp.signin.start import Started
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.account_forms import AccountForms, read_form
from idp.web.pages.account_values import account_choice, account_values, announced_values, card_values, purposes_of
from idp.web.site import Site


class AccountCardPages:
    """What joins an account and what is sent away from it."""

    def __init__(self, parts: SigninParts, site: Site, forms: AccountForms, clock: Clock, base: str) -> None:
        self._parts = parts
        self._site = site
        self._forms = forms
        self._clock = clock
        self._base = base

    def ask_attach(self, request: Request) -> Response:
        """Say what the ceremony asks for; with a platform operator, that none is needed."""
        if self._forms.find_session(request) is None:
            return self._forms.to_card()
        change = "attach" if has_ceremony(self._parts) else "attach_unneeded"
        return self._forms.ask(request, change, "attach")

    def attach(self, request: Request) -> Response:
        """Begin the ceremony with the card that is known."""
        session = self._check_begins(request)
        if session is None:
            return self._forms.to_card()
        return self._begin(request, start_attaching(self._parts, session, self._site.language(request), self._clock()))

    def ask_request(self, request: Request) -> Response:
        """Say what a request to the operators is, for whoever has the old card no more, and ask for which account.

        The old card's session is over by then, as a rule: the person is signed in with the new one, in a browser that
        still knows the account from before.
        """
        session = self._forms.find_session(request)
        if session is None:
            return self._forms.to_card()
        if not has_ceremony(self._parts):
            return self._forms.ask(request, "attach_unneeded", "request")
        accounts = account_values(self._known_accounts(request, session), session.account_id)
        return self._forms.ask(request, "request", "request", accounts=accounts)

    def request(self, request: Request) -> Response:
        """Begin with the new card; what follows is the operators'."""
        session = self._check_begins(request)
        if session is None:
            return self._forms.to_card()
        account_id, language = self._choose_account(request, session), self._site.language(request)
        return self._begin(request, start_request(self._parts, session, account_id, language, self._clock()))

    def ask_undo(self, request: Request) -> Response:
        """Ask before a card or phone is sent away; with the younger card, say that an older one is needed."""
        session, overview = self._forms.find_changing(request)
        if session is None:
            return self._forms.to_card()
        credential_id = _get_identifier(request)
        announced = announced_values(self._parts.store, session, overview, self._clock())
        undoable = next((each for each in announced if each["credential_id"] == credential_id), None)
        card = next((each for each in overview.cards if each.credential_id == credential_id), None)
        if undoable is None or card is None:
            raise PageRefused(PageReason.NOT_FOUND)
        shown = card_values(card, purposes_of(self._parts), session.credential_id)
        change = "undo" if undoable["may_undo"] else "undo_older"
        return self._forms.ask(request, change, f"attachments/{credential_id}", card=shown)

    def undo(self, request: Request) -> Response:
        """Send it away, with what it added itself.

        Raises: PageRefused not_found: not announced here, or not by an older card.
        """
        session = self._forms.check_changing(request)
        if session is None:
            return self._forms.to_card()
        try:
            undo_attached(self._parts, session, _get_identifier(request), self._clock())
        except LinkRefused as refused:
            raise PageRefused(PageReason.NOT_FOUND, refused.reason) from refused
        return self._forms.done(request, "undo")

    def _check_begins(self, request: Request) -> OwnSession | None:
        session = self._forms.check_form(request)
        if session is not None and not has_ceremony(self._parts):
            raise PageRefused(PageReason.NOT_FOUND)
        return session

    def _begin(self, request: Request, started: Started) -> Response:
        return see_other(f"{self._base}/login/{started.tx}", *self._site.begin_transaction(request, started))

    def _choose_account(self, request: Request, session: OwnSession) -> str:
        chosen = read_form(request).get("account")
        if chosen is None:
            # Where this browser knows one account only, there was nothing to choose.
            return session.account_id
        for account in self._known_accounts(request, session):
            if account_choice(account) == chosen:
                return account.account_id
        raise PageRefused(PageReason.INVALID_FORM, "account")

    def _known_accounts(self, request: Request, session: OwnSession) -> tuple[Account, ...]:
        known = {*self._site.browser(request).account_ids, session.account_id}
        return self._parts.store.find_active_accounts(known)


def _get_identifier(request: Request) -> str:
    credential_id = request.path_values["credential_id"]
    if not is_identifier(credential_id):
        raise PageRefused(PageReason.NOT_FOUND)
    return credential_id
