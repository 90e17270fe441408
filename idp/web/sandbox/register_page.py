"""``/sandbox/register``: a developer types a name and a redirect URI, and has a client with everything to paste.

In sandboxes where anybody may register a client, and nowhere else. What may be registered, how many and for how long is
as at ``/register``; this is that endpoint for hands.
"""

import json
from typing import Any, Final

from idp.clock import Clock
from idp.oidc.dynamic_registration import register_self
from idp.oidc.errors import OAuthError
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.web.http import Request, Response
from idp.web.sandbox.page_form import PageForm
from idp.web.sandbox.proven_client import Proof, ProvenClients
from idp.web.site import Site

REGISTER_PAGE_PATH: Final = "/sandbox/register"
_COOKIE: Final = "register"


class RegisterPage:
    """The page and its form."""

    def __init__(self, dependencies: RegistrationDependencies, proven: ProvenClients, site: Site, clock: Clock) -> None:
        self._dependencies = dependencies
        self._proven = proven
        self._site = site
        self._clock = clock
        self._form = PageForm(site, _COOKIE)

    def show(self, request: Request) -> Response:
        """An empty form; its cookie is only what the form is bound to."""
        csrf, cookie = self._form.begin(request)
        return self._page(request, csrf, cookie)

    def register(self, request: Request) -> Response:
        """Register the client and show it, its secret this once; or the form again with what was wrong."""
        csrf, fields = self._form.read(request)
        name, redirect_uri = fields.get("client_name") or "", fields.get("redirect_uri") or ""
        metadata = {"redirect_uris": [redirect_uri.strip()], **({"client_name": name.strip()} if name.strip() else {})}
        now = self._clock()
        try:
            made = register_self(metadata, None, self._dependencies, now)
        except OAuthError as refused:
            return self._page(request, csrf, refused=refused, client_name=name, redirect_uri=redirect_uri)
        # Who registered it here need not prove it on the page of its requests, where the answer leads on.
        proof = Proof.of(made["client_id"], made["registration_access_token"])
        return self._page(request, csrf, self._proven.remember(proof, now), made=made)

    def _page(
        self,
        request: Request,
        csrf: str,
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
            csrf=csrf,
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
