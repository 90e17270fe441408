"""``/introspect``: a form in, JSON or a signed JWT out (RFC 7662, RFC 9701)."""

from idp.clock import Clock
from idp.oidc.introspection import (
    MEDIA_TYPE,
    IntrospectionDependencies,
    answer_introspection_request,
    is_signed_answer_wanted,
    sign_introspection,
)
from idp.web.endpoints.token import read_form
from idp.web.http import NO_STORE, Request, Response, json_response
from idp.web.mutual_tls import MutualTls


class IntrospectEndpoint:
    """The endpoint; no script of a browser has business here, so it sends no CORS header."""

    def __init__(self, dependencies: IntrospectionDependencies, mutual_tls: MutualTls, clock: Clock) -> None:
        self._dependencies = dependencies
        self._mutual_tls = mutual_tls
        self._clock = clock

    def post(self, request: Request) -> Response:
        """Say what a token is worth."""
        now = self._clock()
        header, certificate = request.header("authorization"), self._mutual_tls.present(request)
        found = answer_introspection_request(
            read_form(request), header, self._dependencies, now, certificate, request.admission
        )
        if is_signed_answer_wanted(found.caller, request.header("accept")):
            signed = sign_introspection(found, self._dependencies, now)
            return Response(200, (("Content-Type", MEDIA_TYPE), NO_STORE), signed.encode("ascii"))
        return json_response(found.members)
