"""What can be said about how one evidence was verified: the whole, of which a client gets what it asked for."""

from datetime import datetime
from typing import Any, Final

from idp.assurance.ports import CertificateReference
from idp.assurance.trust_framework import TrustFramework
from idp.evidence import Evidence

CARD_DOCUMENT: Final = "jp_individual_number_card"
PROCEDURES: Final = {
    "user-authentication": "jpki_user_authentication",
    "digital-signature": "jpki_signature_certificate",
}
# In the words of the working group's list of identifiers; what is no check (``none``) has no word.
CHECK_METHODS: Final = {
    "signature": "token",
    "crl": "vcrypt",
    "ocsp": "vcrypt",
    "operator": "vcrypt",
    "chain": "vcrypt",
}
SIGNING_METHOD: Final = "eid"
SIGNATURE_EVIDENCE: Final = "electronic_signature"


def describe_verification(
    issuer: str,
    framework: TrustFramework,
    evidence: Evidence,
    certificate: CertificateReference | None,
    claims: dict[str, Any],
) -> dict[str, Any]:
    """Everything that is true of this verification under one framework; moments are still datetimes.

    Takes:  certificate, the signer's, only for a client entitled to it and a person who agreed; claims, those that are
            released beside it, for ``derived_claims``.
    Source: OIDC IDA schema §5.4.2 (verification), §5.4.4 (evidence types).
    """
    process = {"procedure": PROCEDURES[evidence.kind]}
    if framework.policy:
        process["policy"] = framework.policy
    document: dict[str, Any] = {
        "type": "document",
        "check_details": _checks(evidence),
        "document_details": {"type": document_type(issuer, evidence.credential_kind)},
        "derived_claims": claims,
    }
    faces = [document]
    if certificate is not None and evidence.kind == "digital-signature":
        faces.append(_signature(issuer, evidence, certificate, claims))
    return {
        "trust_framework": framework.name,
        "assurance_process": process,
        "time": evidence.verified_at,
        "verification_process": evidence.evidence_id,
        "evidence": faces,
    }


def document_type(issuer: str, credential_kind: str) -> str:
    """What was presented; the certificate in a phone is not the card, and no registered word says what it is."""
    return CARD_DOCUMENT if credential_kind == "card" else f"{issuer}/document/jpki-phone-certificate"


def signature_type(issuer: str) -> str:
    """The type of the JPKI signature; no value is registered for it."""
    return f"{issuer}/sigtype/jpki-digital-signature"


def _checks(evidence: Evidence) -> list[dict[str, Any]]:
    checks: list[tuple[str, str, datetime]] = [
        (CHECK_METHODS[check.method], check.id, check.time)
        for check in evidence.checks
        if check.method in CHECK_METHODS
    ]
    if evidence.kind == "digital-signature":
        checks.insert(0, (SIGNING_METHOD, evidence.evidence_id, evidence.verified_at))
    return [{"check_method": method, "check_id": check_id, "time": time} for method, check_id, time in checks]


def _signature(
    issuer: str, evidence: Evidence, certificate: CertificateReference, claims: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": SIGNATURE_EVIDENCE,
        "signature_type": signature_type(issuer),
        "issuer": certificate.issuer,
        "serial_number": certificate.serial_number,
        "created_at": evidence.verified_at,
        "derived_claims": claims,
    }
