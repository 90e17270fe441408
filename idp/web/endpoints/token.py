"""``/token``, ``/userinfo``, ``/revoke``: forms in, JSON out (RFC 6749 §3.2, OIDC Core §5.3, RFC 7009)."""

from datetime import datetime
from typing import Final

from idp.clock import Clock
from idp.oidc.discovery import USERINFO_PATH
from idp.oidc.dpop import PresentedProof
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from idp.oidc.revocation import RevocationDependencies, answer_revocation_request
from idp.oidc.sender import Sender
from idp.oidc.token_dependencies import TokenDependencies
from idp.oidc.token_endpoint import answer_token_request
from idp.oidc.userinfo import answer_userinfo_request
from idp.oidc.userinfo_form import UserinfoForm
from idp.web.http import NO_STORE, Request, Response, json_response
from idp.web.mutual_tls import MutualTls

# RFC 9700 §2.6: these may be called by scripts of any origin, since they read no cookie.
ANY_ORIGIN: Final = ("Access-Control-Allow-Origin", "*")
EXPOSED: Final = ("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate")
# OIDC Core §5.3.2
_JWT: Final = ("Content-Type", "application/jwt")
_FORM: Final = "application/x-www-form-urlencoded"


class TokenEndpoints:
    """The endpoints of a client's back channel."""

    def __init__(
        self, dependencies: TokenDependencies, revocation: RevocationDependencies, mutual_tls: MutualTls, clock: Clock
    ) -> None:
        self._dependencies = dependencies
        self._revocation = revocation
        self._mutual_tls = mutual_tls
        self._userinfo_form = UserinfoForm(dependencies.issuer, dependencies.clients, dependencies.signer)
        self._clock = clock
        self._userinfo_url = dependencies.issuer + USERINFO_PATH

    def token(self, request: Request) -> Response:
        """Exchange a code or a refresh token."""
        parameters = read_form(request)
        header = request.header("authorization")
        proof, now = request.header("dpop"), self._clock()
        answer = answer_token_request(
            parameters,
            header,
            self._dependencies,
            now,
            proof,
            self._mutual_tls.present(request),
            request.admission,
        )
        return json_response(answer, 200, ("Pragma", "no-cache"), ANY_ORIGIN, *self._next_nonce(proof, now))

    def userinfo(self, request: Request) -> Response:
        """Tell the claims of a grant, asked by GET or by POST."""
        # OIDC Core §5.3.1 allows a POST with the token in its header; only a form can carry one in its body.
        body = read_form(request) if request.method == "POST" and request.media_type == _FORM else None
        header = request.header("authorization")
        proof, now = request.header("dpop"), self._clock()
        presented = None if proof is None else PresentedProof(proof, request.method, self._userinfo_url)
        sender = Sender(presented, self._dependencies.proofs, self._mutual_tls.present(request))
        answer = answer_userinfo_request(
            header,
            body,
            self._dependencies.grants,
            now,
            self._dependencies.released,
            sender,
            self._dependencies.own_tokens,
            self._userinfo_form,
            request.admission,
        )
        next_nonce = self._next_nonce(proof, now)
        if isinstance(answer, str):
            return Response(200, (_JWT, NO_STORE, ANY_ORIGIN, *next_nonce), answer.encode("ascii"))
        return json_response(answer, 200, ANY_ORIGIN, *next_nonce)

    def _next_nonce(self, proof: str | None, now: datetime) -> tuple[tuple[str, str], ...]:
        # RFC 9449 §8.2: offered to whoever sends proofs, so that none is refused for want of one.
        if proof is None:
            return ()
        return (("DPoP-Nonce", self._dependencies.proofs.nonces.current(now)), EXPOSED)

    def revoke(self, request: Request) -> Response:
        """End a token and what hangs on it."""
        header, certificate = request.header("authorization"), self._mutual_tls.present(request)
        answer_revocation_request(
            read_form(request), header, self._revocation, self._clock(), certificate, request.admission
        )
        return Response(200, (NO_STORE, ANY_ORIGIN))

    def preflight(self, _: Request) -> Response:
        """Tell a browser that scripts may call these endpoints with an Authorization header (Fetch, CORS)."""
        allowed = (
            ANY_ORIGIN,
            ("Access-Control-Allow-Methods", "GET, POST"),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
            ("Access-Control-Max-Age", "86400"),
        )
        return Response(204, allowed)


def read_form(request: Request) -> Parameters:
    """The parameters of a form body.

    Raises: OAuthError invalid_request: another media type, or not well-formed.
    """
    if request.media_type != _FORM:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "The body must be application/x-www-form-urlencoded.")
    return parse_parameters(request.body.decode("latin-1"))
