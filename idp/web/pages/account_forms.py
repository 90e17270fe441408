"""What every change on the person's own page goes through: whose page it is, the question, its form, the end."""

from typing import Any

from idp.clock import Clock
from idp.oidc.errors import OAuthError
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.oidc.parameters import Parameters, parse_parameters
from idp.signin.browser_binding import form_token, is_form_token
from idp.signin.own_account import OWN_CLIENT_ID
from idp.signin.own_account_overview import AccountOverview
from idp.signin.own_account_session import OwnSession, find_own_session
from idp.signin.parts import SigninParts
from idp.web.cookies import SESSION
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.site import Site


class AccountForms:
    """The session of this browser, and the forms that are made for it."""

    def __init__(self, parts: SigninParts, site: Site, clock: Clock, base: str) -> None:
        self._parts = parts
        self._site = site
        self._clock = clock
        self._base = base

    def to_card(self) -> Response:
        """The card comes first."""
        return see_other(f"{self._base}/account/sign-in")

    def find_session(self, request: Request) -> OwnSession | None:
        """Whose page this browser may show."""
        return find_own_session(self._parts, self._site.browser(request), self._clock())

    def get_overview(self, session: OwnSession) -> AccountOverview:
        """What is known of the account.

        Raises: PageRefused not_found.
        """
        overview = self._parts.store.find_account_overview(session.account_id, OWN_CLIENT_ID, self._clock())
        if overview is None:
            # The session was live a moment ago: the account was deleted in another window meanwhile.
            raise PageRefused(PageReason.NOT_FOUND)
        return overview

    def find_changing(self, request: Request) -> tuple[OwnSession, AccountOverview] | tuple[None, AccountOverview]:
        """The session if it may change something, with the account; None where the card has to be shown first."""
        session = self.find_session(request)
        if session is None or not session.may_change:
            return None, AccountOverview(self._clock(), (), ())
        return session, self.get_overview(session)

    def check_changing(self, request: Request) -> OwnSession | None:
        """The session that a posted form was made for; None if the card has to be shown first.

        Raises: PageRefused invalid_form.
        """
        session = self.check_form(request)
        return session if session is not None and session.may_change else None

    def check_form(self, request: Request) -> OwnSession | None:
        """The session that a posted form was made for, however long ago its card was shown; None without one.

        Raises: PageRefused invalid_form.
        """
        secret = self._site.cookies.find(request, SESSION)
        session = self.find_session(request)
        if session is None or secret is None:
            return None
        if not is_form_token(secret, read_form(request).get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        return session

    def ask(self, request: Request, change: str, address: str, **values: Any) -> Response:
        """The page that says what a change does, with the form that does it."""
        secret = self._site.cookies.find(request, SESSION) or ""
        nothing: dict[str, Any] = {
            "service": None,
            "card": None,
            "is_last": False,
            "has_followers": False,
            "has_blocked": False,
            "evidence": [],
            "accounts": [],
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

    def done(
        self, request: Request, change: str, *cookies: tuple[str, str], frames: tuple[LogoutFrame, ...] = ()
    ) -> Response:
        """The page that says what was done; with ``cookies`` the session of this browser is over."""
        is_signed_in = not cookies
        return self._site.page(
            request,
            "account_done.html",
            self._site.language(request),
            headers=cookies,
            frames=frames,
            change=change,
            is_signed_in=is_signed_in,
        )


def read_form(request: Request) -> Parameters:
    """The fields of a posted form; who posted it is not settled by that.

    Raises: PageRefused invalid_form.
    """
    if request.media_type != "application/x-www-form-urlencoded":
        raise PageRefused(PageReason.INVALID_FORM, "not a form")
    try:
        form = parse_parameters(request.body.decode("latin-1"))
        form.check_unique()
    except OAuthError as error:
        raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
    return form
