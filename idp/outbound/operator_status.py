"""The status of a certificate as a platform operator knows it: a ``RevocationSource``."""

import secrets
from datetime import datetime
from typing import Final

from idp.identifiers import Randomness, new_identifier
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ports import Status, StatusState
from idp.outbound.operator_answer import read_moment, read_text
from idp.outbound.operator_certificate import name_certificate
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused

_OPERATION: Final = "certificate-status"
# Operators report to J-LIS for what a number was asked about (JPKI Act art. 52).
_PURPOSES: Final = {"user-authentication": "user_authentication", "digital-signature": "signature_verification"}


class OperatorStatusSource:
    """Asks the operator anew each time; whoever wants to ask less often puts a list before it."""

    def __init__(self, client: OperatorClient, randomness: Randomness = secrets.token_bytes) -> None:
        self._client = client
        self._randomness = randomness

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        """The status as the operator answers it; its ``check_id`` is known to the operator too.

        Raises:  CardUnverifiable: status_unavailable, for everything that is not such an answer.
        Source:  docs/platform-operator-api.md, "Status of a certificate".
        """
        check_id = new_identifier(self._randomness)
        question = {
            "check_id": check_id,
            "purpose": _PURPOSES[certificate.anchor.purpose],
            "certificate": name_certificate(certificate.anchor.issuer_key_id, certificate.serial),
        }
        try:
            answer = self._client.ask(_OPERATION, question)
            state = _STATES.get(read_text(answer, "state"))
            if state is None:
                raise OperatorFailed("garbage")
            this_update = read_moment(answer, "this_update", now)
        except OperatorRefused as refusal:
            if refusal.code == "unknown_certificate":
                return Status(StatusState.UNKNOWN, now, "operator", check_id)
            raise _unavailable(refusal.code) from None
        except OperatorFailed as failure:
            raise _unavailable(failure.code) from None
        return Status(state, this_update, "operator", check_id)


_STATES: Final = {state.value: state for state in StatusState}


def _unavailable(code: str) -> CardUnverifiable:
    return CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, f"operator: {code}")
