"""``/login/{tx}`` and its forms: each shows where the sign-in stands, or says what the person answered."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.oidc.errors import OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from idp.presenter.opening import OpeningState
from idp.signin.abandon import abandon_signin
from idp.signin.browser_binding import code_of, is_form_token
from idp.signin.next_step import next_step
from idp.signin.parts import SigninParts
from idp.signin.place import Answers
from idp.signin.restart import restart_signin
from idp.signin.shelf import SigninConflict, StoredSignin
from idp.signin.step import Step
from idp.web.cookies import TransactionCookie
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.pages.step_page import StepPages
from idp.web.site import Site, asked_language

_TRIES_ON_CONFLICT: Final = 3


class SigninPages:
    """The pages of one sign-in, for the browser that holds its cookie."""

    def __init__(self, parts: SigninParts, site: Site, steps: StepPages, clock: Clock) -> None:
        self._parts = parts
        self._site = site
        self._steps = steps
        self._clock = clock

    def show(self, request: Request) -> Response:
        """Where the sign-in stands; going on by itself as far as it can."""
        return self._advance(request, Answers())

    def show_form_again(self, request: Request) -> Response:
        """A form's address asked for by GET (a reload after an error, a bookmark): the sign-in's page knows better."""
        tx = request.path_values["tx"]
        if not is_identifier(tx):
            raise PageRefused(PageReason.NOT_FOUND)
        return see_other(self._steps.address(tx))

    def confirm_browser(self, request: Request) -> Response:
        """The person says that this is their browser."""
        self.check_form(request)
        return self._advance(request, Answers(is_browser_confirmed=True))

    def go_on(self, request: Request) -> Response:
        """The person has read what joined their account."""
        self.check_form(request)
        return self._advance(request, Answers(is_told=True, code=code_of(self._get_cookie(request).secret)))

    def consent(self, request: Request) -> Response:
        """The person agrees, or does not."""
        form = self.check_form(request)
        decision = form.get("decision")
        if decision == "allow":
            code = code_of(self._get_cookie(request).secret)
            return self._advance(request, Answers(is_consent_given=True, ticked=_ticked(form), code=code))
        if decision == "deny":
            return self._abandon(request, is_consent_refused=True)
        raise PageRefused(PageReason.INVALID_FORM, "decision")

    def cancel(self, request: Request) -> Response:
        """Back to the service."""
        self.check_form(request)
        return self._abandon(request, is_consent_refused=False)

    def restart(self, request: Request) -> Response:
        """Begin again with the same request, under a new transaction."""
        self.check_form(request)
        now = self._clock()
        cookie, stored = self.find(request, now)
        started = restart_signin(self._parts, stored.signin, now)
        self._parts.shelf.remove(stored, now)
        cookies = self._site.cookies
        fresh = TransactionCookie(started.tx, now, started.cookie_secret)
        return see_other(
            self._steps.address(started.tx),
            cookies.set_transaction(fresh, self._site.transaction_seconds),
            *cookies.forget_transaction(request, cookie.tx, self._site.transaction_seconds),
        )

    def _advance(self, request: Request, answers: Answers) -> Response:
        for _ in range(_TRIES_ON_CONFLICT):
            now = self._clock()
            cookie, stored = self.find(request, now)
            try:
                stored = self._follow_language(request, stored, now)
                step = self._take_step(request, stored, answers, now)
            except SigninConflict:
                # The presenter or another tab was faster; reading again shows where it stands now.
                continue
            return self._steps.answer(request, step, cookie)
        raise SigninConflict

    def _take_step(self, request: Request, stored: StoredSignin, answers: Answers, now: datetime) -> Step:
        return next_step(self._parts, stored, self._site.browser(request), answers, now)

    def _abandon(self, request: Request, *, is_consent_refused: bool) -> Response:
        now = self._clock()
        cookie, stored = self.find(request, now)
        destination = abandon_signin(self._parts, stored, is_consent_refused=is_consent_refused, now=now)
        return self._steps.abandon(request, destination, cookie.tx)

    def find(self, request: Request, now: datetime) -> tuple[TransactionCookie, StoredSignin]:
        """The sign-in behind this browser's cookie.

        Raises: PageRefused other_browser without the cookie, which is never set here; sign_in_expired.
        """
        cookie = self._get_cookie(request)
        stored = self._parts.shelf.find_by_cookie(cookie.secret, now)
        if stored is None or stored.signin.tx != cookie.tx:
            raise PageRefused(PageReason.SIGN_IN_EXPIRED)
        return cookie, stored

    def _get_cookie(self, request: Request) -> TransactionCookie:
        """The cookie of the sign-in that the page belongs to.

        Raises: PageRefused sign_in_ended where it ended here, other_browser where it was begun elsewhere.
        """
        tx = request.path_values["tx"]
        cookie = self._site.cookies.find_transaction(request, tx)
        if cookie is None:
            has_ended = self._site.cookies.has_ended(request, tx)
            raise PageRefused(PageReason.SIGN_IN_ENDED if has_ended else PageReason.OTHER_BROWSER)
        return cookie

    def _follow_language(self, request: Request, stored: StoredSignin, now: datetime) -> StoredSignin:
        language = asked_language(request)
        if language is None or language == stored.signin.language:
            return stored
        # While a presenter is at work, its transaction is frozen and another write would void its proof.
        if stored.signin.opening.state in (OpeningState.OPENED, OpeningState.PROVING, OpeningState.PROVED):
            return stored
        return self._parts.shelf.replace(stored, replace(stored.signin, language=language), now)

    def check_form(self, request: Request) -> Parameters:
        """Establish that the form was made for this browser's sign-in.

        Raises: PageRefused invalid_form, other_browser.
        """
        cookie = self._get_cookie(request)
        if request.media_type != "application/x-www-form-urlencoded":
            raise PageRefused(PageReason.INVALID_FORM, "not a form")
        try:
            form = parse_parameters(request.body.decode("latin-1"))
            form.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if not is_form_token(cookie.secret, form.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        return form


def _ticked(form: Parameters) -> tuple[str, ...]:
    # A box has its item in its name: no name may come twice in a form, and unticked boxes are not sent.
    prefix = "item-"
    return tuple(name.removeprefix(prefix) for name, value in form.pairs if name.startswith(prefix) and value == "on")
