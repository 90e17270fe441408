"""The forms of the developers' pages: each is bound to its browser by a cookie that is good for nothing else."""

from typing import Final

from idp.identifiers import is_identifier, new_identifier
from idp.oidc.errors import OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from idp.signin.browser_binding import form_token, is_form_token
from idp.web.error_answers import PageRefused
from idp.web.http import Request
from idp.web.page_reason import PageReason
from idp.web.site import Site

_FORM_SECONDS: Final = 3600


class PageForm:
    """The form tokens of one page; ``cookie`` is what its cookie is called."""

    def __init__(self, site: Site, cookie: str) -> None:
        self._site = site
        self._cookie = cookie

    def begin(self, request: Request) -> tuple[str, tuple[str, str]]:
        """The token for a form that is shown now, and the header that binds it to this browser."""
        secret = self._find_secret(request) or new_identifier()
        return form_token(secret), self._site.cookies.set(self._cookie, secret, _FORM_SECONDS)

    def read(self, request: Request) -> tuple[str, Parameters]:
        """The token and the fields of a form that was posted.

        Raises: PageRefused: it was not made for this browser, so another site may have posted it, or the page is old.
        """
        secret = self._find_secret(request)
        try:
            fields = parse_parameters(request.body.decode("latin-1"))
            fields.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if secret is None or not is_form_token(secret, fields.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        return form_token(secret), fields

    def _find_secret(self, request: Request) -> str | None:
        secret = self._site.cookies.find(request, self._cookie)
        return secret if secret and is_identifier(secret) else None
