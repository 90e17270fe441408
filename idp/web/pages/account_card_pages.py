"""``/account/attach``, ``/account/request``, ``/account/attachments``: one person with several cards and phones.

Adding needs a session and no fresh card, because the cards themselves are proven afresh in what it begins. Undoing is a
change like the others: an older card, shown at most ten minutes ago.
"""

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.identity.errors import LinkRefused
from idp.signin.attach_ceremony import has_ceremony, start_attaching
from idp.signin.attaching import AttachPart
from idp.signin.own_account_change import undo_attached
from idp.signin.parts import SigninParts
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.account_forms import AccountForms
from idp.web.pages.account_values import announced_values, card_values, purposes_of
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
        return self._begin(request, AttachPart.VOUCHER)

    def ask_request(self, request: Request) -> Response:
        """Say what a request to the operators is, for whoever has the old card no more."""
        if self._forms.find_session(request) is None:
            return self._forms.to_card()
        change = "request" if has_ceremony(self._parts) else "attach_unneeded"
        return self._forms.ask(request, change, "request")

    def request(self, request: Request) -> Response:
        """Begin with the new card; what follows is the operators'."""
        return self._begin(request, AttachPart.REQUEST)

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

    def _begin(self, request: Request, part: AttachPart) -> Response:
        session = self._forms.check_form(request)
        if session is None:
            return self._forms.to_card()
        if not has_ceremony(self._parts):
            raise PageRefused(PageReason.NOT_FOUND)
        started = start_attaching(self._parts, session, part, self._site.language(request), self._clock())
        return see_other(f"{self._base}/login/{started.tx}", *self._site.begin_transaction(request, started))


def _get_identifier(request: Request) -> str:
    credential_id = request.path_values["credential_id"]
    if not is_identifier(credential_id):
        raise PageRefused(PageReason.NOT_FOUND)
    return credential_id
