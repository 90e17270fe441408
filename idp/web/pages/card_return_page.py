"""``/card/return/{key}.{secret}``: the presenter's result comes home, or somebody else's browser opened it."""

from typing import Final

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.signin.card_return import ReturnedElsewhere, accept_return, find_return
from idp.signin.next_step import next_step
from idp.signin.parts import SigninParts
from idp.signin.place import Answers
from idp.signin.shelf import SigninConflict
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PAGE_STATUS, PageReason
from idp.web.pages.step_page import StepPages
from idp.web.site import Site

_TRIES_ON_CONFLICT: Final = 3


class CardReturnPage:
    """The one-use return address (card presenter protocol §3.4)."""

    def __init__(self, parts: SigninParts, site: Site, steps: StepPages, clock: Clock) -> None:
        self._parts = parts
        self._site = site
        self._steps = steps
        self._clock = clock

    def show(self, request: Request) -> Response:
        """Use the address up in its own browser and go on; elsewhere say what this may mean."""
        for _ in range(_TRIES_ON_CONFLICT):
            try:
                return self._show_once(request)
            except SigninConflict:
                # The same address in another tab or browser was faster; reading again shows where it stands now.
                continue
        raise SigninConflict

    def _show_once(self, request: Request) -> Response:
        key, _, secret = request.path_values["result"].partition(".")
        now = self._clock()
        stored = find_return(self._parts, key, now) if is_identifier(key) else None
        if stored is None:
            raise PageRefused(PageReason.SIGN_IN_ENDED)
        cookie = self._site.cookies.find_transaction(request, stored.signin.tx)
        returned = accept_return(self._parts, stored, secret, cookie.secret if cookie else None, now)
        if isinstance(returned, ReturnedElsewhere) or cookie is None:
            return self._elsewhere(request, returned)
        if not returned.is_first:
            return see_other(self._steps.address(cookie.tx))
        step = next_step(self._parts, returned.stored, self._site.browser(request), Answers(), now)
        return self._steps.answer(request, step, cookie)

    def _elsewhere(self, request: Request, returned: object) -> Response:
        is_relay = isinstance(returned, ReturnedElsewhere) and returned.is_relay
        reason = PageReason.POSSIBLE_RELAY if is_relay else PageReason.OTHER_BROWSER
        reference = returned.stored.signin.txn[:10] if isinstance(returned, ReturnedElsewhere) else None
        language = self._site.language(request)
        return self._site.page(
            request,
            "other_browser.html",
            language,
            status=PAGE_STATUS[reason],
            is_possible_relay=is_relay,
            reference=reference,
        )
