"""``GET /evidence/{txn}``: a client's own evidence; whatever else is asked gets one and the same 404."""

from typing import Final

from idp.clock import Clock
from idp.signin.evidence_answer import EvidenceDependencies, NoEvidence, answer_evidence_request
from idp.web.http import Request, Response, json_response

# No reference number, no challenge: nothing may tell a record of somebody else's from one that never was.
_NOTHING: Final = json_response({"error": "not_found"}, 404)


class EvidenceEndpoint:
    """The endpoint."""

    def __init__(self, dependencies: EvidenceDependencies, clock: Clock) -> None:
        self._dependencies = dependencies
        self._clock = clock

    def get(self, request: Request) -> Response:
        """Tell what was checked, agreed to and told in one sign-in."""
        txn, header = request.path_values["txn"], request.header("authorization")
        try:
            return json_response(
                answer_evidence_request(txn, header, self._dependencies, self._clock(), request.admission)
            )
        except NoEvidence:
            return _NOTHING
