"""Pages outside a sign-in: the root, what the card link says without an app, signing out, the static files."""

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.oidc.errors import OAuthError
from idp.oidc.frontchannel_logout import LogoutFrame
from idp.oidc.parameters import parse_parameters
from idp.signin.browser_binding import form_token, is_form_token
from idp.signin.parts import SigninParts
from idp.signin.sign_out import sign_out
from idp.web.cookies import SESSION
from idp.web.error_answers import PageRefused
from idp.web.http import Handler, Request, Response
from idp.web.page_reason import PageReason
from idp.web.site import Site
from idp.web.static_file import CACHE_CONTROL, StaticFile


class PlainPages:
    """Pages that need no sign-in in flight."""

    def __init__(self, parts: SigninParts, site: Site, clock: Clock) -> None:
        self._parts = parts
        self._site = site
        self._clock = clock

    def home(self, request: Request) -> Response:
        """What this is and who runs it."""
        return self._site.page(request, "home.html", self._site.language(request))

    def card_link(self, request: Request) -> Response:
        """What the https link says where no app took it; the handle in its fragment never comes here."""
        return self._site.page(request, "card_link.html", self._site.language(request))

    def ask_sign_out(self, request: Request) -> Response:
        """Ask before ending the session, so that no link can do it."""
        secret = self._session_secret(request)
        if secret is None:
            return self._signed_out(request)
        language = self._site.language(request)
        return self._site.page(request, "sign_out.html", language, csrf=form_token(secret))

    def sign_out(self, request: Request) -> Response:
        """End this browser's session."""
        secret = self._session_secret(request)
        if secret is None:
            return self._signed_out(request)
        try:
            form = parse_parameters(request.body.decode("latin-1"))
            form.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if not is_form_token(secret, form.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        frames = sign_out(self._parts, self._site.browser(request), self._clock())
        return self._signed_out(request, self._site.cookies.delete(SESSION), frames=frames)

    def _signed_out(
        self, request: Request, *headers: tuple[str, str], frames: tuple[LogoutFrame, ...] = ()
    ) -> Response:
        language = self._site.language(request)
        return self._site.page(
            request, "signed_out.html", language, headers=headers, frames=frames, back_href=None, goes_to=None
        )

    def _session_secret(self, request: Request) -> str | None:
        secret = self._site.cookies.find(request, SESSION)
        return secret if secret and is_identifier(secret) else None


def static_endpoint(file: StaticFile) -> Handler:
    """One static file, kept by browsers for ever because its address changes with its content."""
    response = Response(200, (("Content-Type", file.content_type), ("Cache-Control", CACHE_CONTROL)), file.body)
    return lambda request: response
