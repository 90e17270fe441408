"""``/authorize``: the only place where a transaction and its cookie are made.

A POST comes from another site, so a browser sends it without our Lax cookies: it reads and writes none, keeps the
validated request and goes on to a GET that names it once.
"""

from typing import Final

from idp.clock import Clock
from idp.identifiers import is_identifier, new_identifier
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.initiated_login import initiated_login_address
from idp.oidc.parameters import parse_parameters
from idp.oidc.received_request import ReceivedRequest
from idp.oidc.request_sources import receive_request
from idp.signin.parts import SigninParts
from idp.signin.start import accept_request, start_signin
from idp.signin.step import Finished
from idp.signin.transient import TransientStore
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.error_answers import PageRefused
from idp.web.http import Request, Response, see_other
from idp.web.page_reason import PageReason
from idp.web.site import Site

_KIND: Final = "posted-request"


class AuthorizeEndpoint:
    """OIDC Core §3.1.2; RFC 6749 §4.1.1."""

    def __init__(
        self,
        parts: SigninParts,
        site: Site,
        answers: AuthorizationAnswers,
        transient: TransientStore,
        clock: Clock,
        base: str,
    ) -> None:
        self._parts = parts
        self._site = site
        self._answers = answers
        self._transient = transient
        self._clock = clock
        self._base = base

    def get(self, request: Request) -> Response:
        """Answer an authorization request in the query."""
        return self._start(request, self._receive(request.query))

    def post(self, request: Request) -> Response:
        """Keep an authorization request of the body, once it is found valid, and name it once."""
        if request.media_type != "application/x-www-form-urlencoded":
            raise PageRefused(PageReason.INVALID_REQUEST, "not a form")
        # What was pushed is spent here; what is kept instead can be used once as well.
        received = self._receive(request.body.decode("latin-1"))
        accept_request(self._parts, received)
        name, now = new_identifier(), self._clock()
        expires_at = now + self._parts.lifetimes.signin
        self._transient.insert(_KIND, name, received.to_json(), expires_at, now)
        return see_other(f"{self._base}/authorize/posted/{name}")

    def get_posted(self, request: Request) -> Response:
        """Take the request that a POST kept, in the browser's own navigation, which has its cookies."""
        name = request.path_values["name"]
        record = self._transient.take(_KIND, name, self._clock()) if is_identifier(name) else None
        if record is None:
            raise PageRefused(PageReason.SIGN_IN_EXPIRED)
        return self._start(request, ReceivedRequest.from_json(record.value))

    def _receive(self, encoded: str) -> ReceivedRequest:
        parameters = parse_parameters(encoded)
        try:
            return receive_request(parameters, self._parts.requests, self._clock())
        except OAuthError as error:
            if error.code is not ErrorCode.INVALID_REQUEST_URI:
                raise
            # The person did nothing wrong, so they are led to where the service begins anew, if it said where.
            client = self._parts.clients.find_client(parameters.get("client_id") or "")
            back_href = None if client is None else initiated_login_address(client, self._parts.issuer)
            raise PageRefused(PageReason.SIGN_IN_EXPIRED, error.detail, back_href) from error

    def _start(self, request: Request, received: ReceivedRequest) -> Response:
        accepted = accept_request(self._parts, received)
        now = self._clock()
        language = self._site.language(request, accepted.request.ui_locales)
        started = start_signin(self._parts, accepted, self._site.browser(request), language, now)
        if isinstance(started, Finished):
            return self._answers.send(request, started.destination)
        return see_other(f"{self._base}/login/{started.tx}", *self._site.begin_transaction(request, started))
