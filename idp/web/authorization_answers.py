"""An authorization response as HTTP: a redirect, or the page with the form that carries it.

Implements Form Post Response Mode §2. The form goes by itself where the browser runs the page's one line of script,
which the policy names by hash and which is the same for everybody; elsewhere a person presses the button.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from idp.clock import Clock
from idp.oidc.ports import IdTokenSigner
from idp.oidc.response_mode import AuthorizationResponse, FormPost, deliver_response
from idp.web.http import Request, Response, see_other
from idp.web.site import Site

# Of the script in form_post.html, byte by byte; a test compares them.
_SCRIPT: Final = b"document.forms[0].submit()"
_SCRIPT_SOURCE: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_SCRIPT).digest()).decode('ascii')}'"


@dataclass(frozen=True, slots=True)
class HiddenField:
    """One parameter of a response; no text of a page, so nothing is taken out of it."""

    name: str
    value: str


class AuthorizationAnswers:
    """Sends browsers on: to a client with its response, or to a page of this provider."""

    def __init__(self, site: Site, signer: IdTokenSigner, clock: Clock) -> None:
        self._site = site
        self._signer = signer
        self._clock = clock

    def ask(self, request: Request, refusal: AuthorizationResponse, host: str, error: str, reference: str) -> Response:
        """A page from which a person goes on to an address that nobody vouches for, or does not.

        Nothing goes by itself: no redirect, and the form of form_post without its script.
        Source: RFC 9700 §4.11.2 (R4, R26).
        """
        delivered = deliver_response(refusal, self._signer, self._clock())
        if not isinstance(delivered, str):
            return self._form(request, delivered, refusal.origin)
        language = self._site.language(request)
        return self._site.page(
            request, "leaving.html", language, status=400, host=host, href=delivered, error=error, reference=reference
        )

    def send(self, request: Request, destination: AuthorizationResponse | str, *headers: tuple[str, str]) -> Response:
        """The answer that takes the browser there."""
        if isinstance(destination, str):
            return see_other(destination, *headers)
        delivered = deliver_response(destination, self._signer, self._clock())
        if isinstance(delivered, str):
            return see_other(delivered, *headers)
        return self._form(request, delivered, destination.origin, *headers, script_source=_SCRIPT_SOURCE)

    def _form(
        self,
        request: Request,
        delivered: FormPost,
        origin: str,
        *headers: tuple[str, str],
        script_source: str | None = None,
    ) -> Response:
        return self._site.page(
            request,
            "form_post.html",
            self._site.language(request),
            form_targets=(origin,),
            script_source=script_source,
            headers=headers,
            action=delivered.action,
            fields=[HiddenField(name, value) for name, value in delivered.fields.items()],
        )
