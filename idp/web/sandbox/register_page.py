"""``/sandbox/register``: a developer types a name and a redirect URI, and has a client with everything to paste.

In sandboxes where anybody may register a client, and nowhere else. What may be registered, how many and for how long is
as at ``/register``; this is that endpoint for hands.
"""

import json
from typing import Any, Final

from idp.clock import Clock
from idp.identifiers import is_identifier, new_identifier
from idp.oidc.dynamic_registration import RegistrationDependencies, register_self
from idp.oidc.errors import OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from idp.signin.browser_binding import form_token, is_form_token
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response
from idp.web.page_reason import PageReason
from idp.web.site import Site

REGISTER_PAGE_PATH: Final = "/sandbox/register"
_COOKIE: Final = "register"
_FORM_SECONDS: Final = 3600


class RegisterPage:
    """The page and its form."""

    def __init__(self, dependencies: RegistrationDependencies, site: Site, clock: Clock) -> None:
        self._dependencies = dependencies
        self._site = site
        self._clock = clock

    def show(self, request: Request) -> Response:
        """An empty form; its cookie is only what the form is bound to."""
        secret = self._secret(request) or new_identifier()
        cookie = self._site.cookies.set(_COOKIE, secret, _FORM_SECONDS)
        return self._page(request, secret, cookie)

    def register(self, request: Request) -> Response:
        """Register the client and show it, its secret this once; or the form again with what was wrong."""
        secret, form = self._check_form(request)
        name, redirect_uri = form.get("client_name") or "", form.get("redirect_uri") or ""
        metadata = {"redirect_uris": [redirect_uri.strip()], **({"client_name": name.strip()} if name.strip() else {})}
        try:
            made = register_self(metadata, None, self._dependencies, self._clock())
        except OAuthError as refused:
            return self._page(request, secret, refused=refused, client_name=name, redirect_uri=redirect_uri)
        return self._page(request, secret, made=made)

    def _page(
        self,
        request: Request,
        secret: str,
        *headers: tuple[str, str],
        refused: OAuthError | None = None,
        made: dict[str, Any] | None = None,
        client_name: str = "",
        redirect_uri: str = "",
    ) -> Response:
        return self._site.page(
            request,
            "sandbox_register.html",
            self._site.language(request),
            status=200 if refused is None else refused.status,
            headers=headers,
            csrf=form_token(secret),
            refusal=None if refused is None else refused.description,
            typed_name=client_name[:200],
            typed_uri=redirect_uri[:2000],
            configuration=None if made is None else self._configuration(made),
        )

    def _configuration(self, made: dict[str, Any]) -> str:
        names = ("client_id", "client_secret", "redirect_uris", "scope", "token_endpoint_auth_method")
        managed = ("registration_client_uri", "registration_access_token")
        members = {"issuer": self._dependencies.issuer, **{name: made[name] for name in (*names, *managed)}}
        return json.dumps(members, ensure_ascii=False, indent=2)

    def _check_form(self, request: Request) -> tuple[str, Parameters]:
        secret = self._secret(request)
        try:
            form = parse_parameters(request.body.decode("latin-1"))
            form.check_unique()
        except OAuthError as error:
            raise PageRefused(PageReason.INVALID_FORM, error.detail) from error
        if secret is None or not is_form_token(secret, form.get("csrf")):
            raise PageRefused(PageReason.INVALID_FORM, "csrf")
        return secret, form

    def _secret(self, request: Request) -> str | None:
        secret = self._site.cookies.find(request, _COOKIE)
        return secret if secret and is_identifier(secret) else None
