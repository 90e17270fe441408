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
from idp.oidc.response_mode import AuthorizationResponse, deliver_response
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

    def send(self, request: Request, destination: AuthorizationResponse | str, *headers: tuple[str, str]) -> Response:
        """The answer that takes the browser there."""
        if isinstance(destination, str):
            return see_other(destination, *headers)
        delivered = deliver_response(destination, self._signer, self._clock())
        if isinstance(delivered, str):
            return see_other(delivered, *headers)
        return self._site.page(
            request,
            "form_post.html",
            self._site.language(request),
            form_targets=(destination.origin,),
            script_source=_SCRIPT_SOURCE,
            headers=headers,
            action=delivered.action,
            fields=[HiddenField(name, value) for name, value in delivered.fields.items()],
        )
