"""``/register`` and ``/register/{client_id}``: JSON in, JSON out (RFC 7591 §3, RFC 7592 §2)."""

from idp.clock import Clock
from idp.oidc.dynamic_registration import (
    answer_read_request,
    answer_registration_request,
    answer_removal_request,
    answer_update_request,
)
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.web.endpoints.token import ANY_ORIGIN
from idp.web.http import NO_STORE, Request, Response, json_response

_PRAGMA = ("Pragma", "no-cache")


class RegistrationEndpoint:
    """Both endpoints; neither reads a cookie, so that scripts of any origin may call them."""

    def __init__(self, dependencies: RegistrationDependencies, clock: Clock) -> None:
        self._dependencies = dependencies
        self._clock = clock

    def register(self, request: Request) -> Response:
        """Register a client."""
        answer = answer_registration_request(
            _json(request), request.header("authorization"), self._dependencies, self._clock()
        )
        return json_response(answer, 201, _PRAGMA, ANY_ORIGIN)

    def read(self, request: Request) -> Response:
        """Tell a client its registration."""
        answer = answer_read_request(
            request.path_values["client_id"],
            request.header("authorization"),
            self._dependencies,
            self._clock(),
            request.admission,
        )
        return json_response(answer, 200, _PRAGMA, ANY_ORIGIN)

    def update(self, request: Request) -> Response:
        """Register a client anew."""
        answer = answer_update_request(
            request.path_values["client_id"],
            _json(request),
            request.header("authorization"),
            self._dependencies,
            self._clock(),
            request.admission,
        )
        return json_response(answer, 200, _PRAGMA, ANY_ORIGIN)

    def remove(self, request: Request) -> Response:
        """Remove a client."""
        answer_removal_request(
            request.path_values["client_id"],
            request.header("authorization"),
            self._dependencies,
            self._clock(),
            request.admission,
        )
        return Response(204, (NO_STORE, _PRAGMA, ANY_ORIGIN))

    def preflight(self, _: Request) -> Response:
        """Tell a browser that scripts may call these endpoints with a token and JSON (Fetch, CORS)."""
        allowed = (
            ANY_ORIGIN,
            ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
            ("Access-Control-Max-Age", "86400"),
        )
        return Response(204, allowed)


def _json(request: Request) -> bytes:
    if request.media_type != "application/json":
        raise OAuthError(ErrorCode.INVALID_REQUEST, "The body must be application/json.", detail="media type")
    return request.body
