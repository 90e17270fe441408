"""What the operator answers to each of the four questions.

Source: docs/platform-operator-api.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import encode_base64url, is_identifier
from idp.sandbox.cast_cards import open_cast
from idp.sandbox.installation import holding_sandbox
from idp.sandbox.operator.register import HeldCertificate, Register, attributes_of, open_register
from idp.sandbox.pki import SandboxPki

PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {
    "certificate-status": ("user_authentication", "signature_verification"),
    "linkage": ("linkage",),
    "present-state": ("liveness_check",),
    "latest-attributes": ("latest_attributes",),
}
_CONSENT_LIFE: Final = timedelta(days=3652)


class QuestionRefused(Exception):
    """One of the contract's errors, with its HTTP status."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class OperatorAnswers:
    """The operator's knowledge; ``linkage_delay`` is how long a new certificate's holder is not known yet."""

    pki: SandboxPki
    linkage_delay: timedelta = field(default=timedelta(0))

    def answer(self, client_id: str, operation: str, question: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """The members of the answer beside those that bind it to the request.

        Raises: QuestionRefused.
        """
        _check_question(operation, question)
        with holding_sandbox(self.pki.directory):
            register = open_register(self.pki, open_cast(self.pki))
            certificate = question["certificate"]
            held = register.find_holder(certificate["issuer_key_id"], certificate["serial"])
            if held is None:
                raise QuestionRefused(404, "unknown_certificate")
            match operation:
                case "certificate-status":
                    return self._status(certificate)
                case "linkage":
                    return self._link(register, held, client_id, now)
                case "present-state":
                    return _present_state(register, held, now)
                case _:
                    return _latest(register, held, question, now)

    def _status(self, certificate: Mapping[str, str]) -> dict[str, Any]:
        for anchor in self.pki.anchors().anchors:
            if encode_base64url(anchor.issuer_key_id) == certificate["issuer_key_id"]:
                crl = x509.load_der_x509_crl(self.pki.crl_path(anchor.issuer_key_id).read_bytes())
                entry = crl.get_revoked_certificate_by_serial_number(int(certificate["serial"], 16))
                answer = {"state": "good", "source": "crl", "this_update": _format(crl.last_update_utc)}
                if entry is None:
                    return answer
                return answer | {"state": "revoked", "revoked_at": _format(entry.revocation_date_utc)}
        raise QuestionRefused(404, "unknown_certificate")

    def _link(self, register: Register, held: HeldCertificate, client_id: str, now: datetime) -> dict[str, Any]:
        answer = {"source": "register", "this_update": _format(now)}
        if from_epoch_seconds(held.issued_at) + self.linkage_delay > now:
            return answer | {"state": "not_ready"}
        person_id = register.find_or_mint_person_id(held.slug, client_id)
        register.save()
        return answer | {"state": "known", "person_id": person_id}


def _present_state(register: Register, held: HeldCertificate, now: datetime) -> dict[str, Any]:
    _check_signing(held)
    person = register.persons[held.slug]
    state = "ended" if person.is_buried else "unchanged" if held.version == person.version else "changed"
    return {"state": state, "source": "register", "this_update": _format(now)}


def _latest(register: Register, held: HeldCertificate, question: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    _check_signing(held)
    consent = question.get("consent")
    given_at = consent.get("given_at") if isinstance(consent, dict) else None
    if not isinstance(consent, dict) or not consent.get("consent_id") or type(given_at) is not int:
        raise QuestionRefused(403, "consent_required")
    if not 0 <= to_epoch_seconds(now) - given_at + 60 < _CONSENT_LIFE.total_seconds():
        raise QuestionRefused(403, "consent_required")
    person = register.persons[held.slug]
    if person.is_buried:
        raise QuestionRefused(410, "person_ended")
    return {"attributes": attributes_of(person), "source": "population_register", "this_update": _format(now)}


def _check_signing(held: HeldCertificate) -> None:
    if held.purpose != "digital-signature":
        raise QuestionRefused(403, "not_entitled")


def _check_question(operation: str, question: Mapping[str, Any]) -> None:
    expected = {"check_id", "purpose", "certificate"} | ({"consent"} if operation == "latest-attributes" else set())
    certificate = question.get("certificate")
    # The consent may be left out, and is then refused by its own name.
    if not expected - {"consent"} <= set(question) <= expected:
        raise QuestionRefused(400, "invalid_request")
    if question["purpose"] not in PURPOSES[operation] or not is_identifier(str(question["check_id"])):
        raise QuestionRefused(400, "invalid_request")
    if not isinstance(certificate, dict) or set(certificate) != {"issuer_key_id", "serial"}:
        raise QuestionRefused(400, "invalid_request")
    if not all(isinstance(value, str) and 0 < len(value) <= 64 for value in certificate.values()):
        raise QuestionRefused(400, "invalid_request")


def _format(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
