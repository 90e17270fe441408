"""``/token``, ``/userinfo``, ``/revoke``: forms in, JSON out (RFC 6749 §3.2, OIDC Core §5.3, RFC 7009)."""

from typing import Final

from idp.clock import Clock
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from idp.oidc.revocation import RevocationDependencies, answer_revocation_request
from idp.oidc.token_endpoint import TokenDependencies, answer_token_request
from idp.oidc.userinfo import answer_userinfo_request
from idp.web.http import NO_STORE, Request, Response, json_response

# RFC 9700 §2.6: these may be called by scripts of any origin, since they read no cookie.
ANY_ORIGIN: Final = ("Access-Control-Allow-Origin", "*")
_FORM: Final = "application/x-www-form-urlencoded"


class TokenEndpoints:
    """The endpoints of a client's back channel."""

    def __init__(self, dependencies: TokenDependencies, revocation: RevocationDependencies, clock: Clock) -> None:
        self._dependencies = dependencies
        self._revocation = revocation
        self._clock = clock

    def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        parameters = read_form(request)
        header = request.header("authorization")
        answer = answer_token_request(parameters, header, self._dependencies, self._clock())
        return json_response(answer, 200, ("Pragma", "no-cache"), ANY_ORIGIN)

    def userinfo(self, request: Request) -> Response:
        """Tell the claims of a grant, asked by GET or by POST."""
        # OIDC Core §5.3.1 allows a POST with the token in its header; only a form can carry one in its body.
        body = read_form(request) if request.method == "POST" and request.media_type == _FORM else None
        header = request.header("authorization")
        answer = answer_userinfo_request(
            header, body, self._dependencies.grants, self._clock(), self._dependencies.released
        )
        return json_response(answer, 200, ANY_ORIGIN)

    def revoke(self, request: Request) -> Response:
        """End a token and what hangs on it."""
        answer_revocation_request(read_form(request), request.header("authorization"), self._revocation, self._clock())
        return Response(200, (NO_STORE, ANY_ORIGIN))

    def preflight(self, _: Request) -> Response:
        """Tell a browser that scripts may call these endpoints with an Authorization header (Fetch, CORS)."""
        allowed = (
            ANY_ORIGIN,
            ("Access-Control-Allow-Methods", "GET, POST"),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
            ("Access-Control-Max-Age", "86400"),
        )
        return Response(204, allowed)


def read_form(request: Request) -> Parameters:
    """The parameters of a body that is a form.

    Raises: OAuthError invalid_request.
    """
    if request.media_type != _FORM:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "The body must be application/x-www-form-urlencoded.")
    return parse_parameters(request.body.decode("latin-1"))
