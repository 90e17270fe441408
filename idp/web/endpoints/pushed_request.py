"""``/par``: forms in, JSON out (RFC 9126 §2)."""

from idp.clock import Clock
from idp.oidc.pushed_request_endpoint import PushedRequestDependencies, answer_pushed_request
from idp.web.endpoints.token import ANY_ORIGIN, read_form
from idp.web.http import Request, Response, json_response


class PushedRequestEndpoint:
    """The endpoint."""

    def __init__(self, dependencies: PushedRequestDependencies, clock: Clock) -> None:
        self._dependencies = dependencies
        self._clock = clock

    def post(self, request: Request) -> Response:
        """Keep an authorization request and name it."""
        answer = answer_pushed_request(
            read_form(request), request.header("authorization"), self._dependencies, self._clock()
        )
        return json_response(answer, 201, ANY_ORIGIN)
