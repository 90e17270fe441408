"""``/par``: forms in, JSON out (RFC 9126 §2)."""

from idp.clock import Clock
from idp.oidc.dpop import PresentedProof, ProofPolicy
from idp.oidc.pushed_request_endpoint import PushedRequestDependencies, answer_pushed_request
from idp.oidc.sender import Sender
from idp.web.endpoints.token import ANY_ORIGIN, EXPOSED, read_form
from idp.web.http import Request, Response, json_response
from idp.web.mutual_tls import MutualTls


class PushedRequestEndpoint:
    """The endpoint."""

    def __init__(
        self, dependencies: PushedRequestDependencies, proofs: ProofPolicy, mutual_tls: MutualTls, clock: Clock
    ) -> None:
        self._dependencies = dependencies
        self._proofs = proofs
        self._mutual_tls = mutual_tls
        self._clock = clock

    def post(self, request: Request) -> Response:
        """Keep an authorization request and name it."""
        proof = request.header("dpop")
        presented = None if proof is None else PresentedProof(proof, request.method, self._dependencies.endpoint_url)
        sender = Sender(presented, self._proofs, self._mutual_tls.present(request))
        now = self._clock()
        answer = answer_pushed_request(
            read_form(request), request.header("authorization"), self._dependencies, now, sender, request.admission
        )
        # RFC 9449 §8.2: who sends proofs is given the nonce for the next one.
        offered = () if proof is None else (("DPoP-Nonce", self._proofs.nonces.current(now)), EXPOSED)
        return json_response(answer, 201, ANY_ORIGIN, *offered)
