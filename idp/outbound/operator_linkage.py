"""Which person holds a certificate, as a platform operator knows it: a ``LinkageSource``."""

import secrets
from datetime import datetime
from typing import Final

from idp.identifiers import Randomness, new_identifier
from idp.identity.person import PersonReference
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.outbound.operator_answer import read_moment, read_text
from idp.outbound.operator_certificate import name_certificate
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused

_OPERATION: Final = "linkage"
_SHORTEST_PERSON_ID: Final = 16


class OperatorLinkage:
    """The operator's identifiers are kept apart by ``operator``: another name makes everybody a new person."""

    def __init__(self, client: OperatorClient, operator: str, randomness: Randomness = secrets.token_bytes) -> None:
        self._client = client
        self.operator = operator
        self._randomness = randomness

    def find_person(self, issuer_key_id: bytes, serial: bytes, now: datetime) -> PersonReference:
        """Who holds the certificate.

        Raises:  CardUnverifiable: linkage_unavailable, for every answer that is not a person: late, broken, refused,
                 or not ready, as for a certificate of the last hour or two.
        Source:  docs/platform-operator-api.md, "Linkage"; JPKI Act art. 18(4), (5).
        """
        check_id = new_identifier(self._randomness)
        question = {
            "check_id": check_id,
            "purpose": "linkage",
            "certificate": name_certificate(issuer_key_id, serial),
        }
        try:
            answer = self._client.ask(_OPERATION, question)
            if answer.get("state") != "known":
                raise OperatorFailed("not_ready")
            person_id = read_text(answer, "person_id", 128)
            # A short one is a slip of the operator's (a row number, a placeholder) that would make many people one.
            if len(person_id) < _SHORTEST_PERSON_ID:
                raise OperatorFailed("garbage")
            return PersonReference(person_id, check_id, read_moment(answer, "this_update", now))
        except (OperatorFailed, OperatorRefused) as failure:
            raise CardUnverifiable(Unverifiable.LINKAGE_UNAVAILABLE, f"operator: {failure.code}") from None
