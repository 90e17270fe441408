"""A record of evidence verified again, step by step, from what it keeps and from the pinned authorities.

Each step is one question with one answer, and none hides another: an auditor wants to see all of them.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import rfc8785

from idp.card_login.kept_proof import KeptProof
from idp.card_login.verify_again import NoLongerKnown, check_kept_signature, verify_kept_certificate
from idp.jpki.errors import CardRejected
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from idp.presenter.transaction import format_time
from idp.signin.evidence_record import CheckedCertificate, EvidenceRecord, EvidenceValues


class Verdict(StrEnum):
    """What came of a step."""

    GOOD = "good"
    REFUSED = "refused"
    UNKNOWN = "could not find out"


@dataclass(frozen=True, slots=True)
class VerificationStep:
    """One question about a record; ``detail`` says why it was not good, without personal data."""

    name: str
    verdict: Verdict
    detail: str = ""


class NotThisRecords(Exception):
    """Two things that belong together say different things; the message names which."""


def verify_evidence(
    record: EvidenceRecord,
    values: EvidenceValues | None,
    *,
    issuer: str,
    profiles: Sequence[CredentialProfile],
    trust: TrustAnchors,
) -> tuple[VerificationStep, ...]:
    """Whether the signature that was kept is the one that this record speaks of.

    Takes:   values, what is kept sealed, opened.
    Returns: every step; a record without a kept proof has one, that cannot be answered. Whether the certificate had
             been revoked is not asked again: the record's checks say what was found then.
    Source:  card presenter protocol §3.3; RFC 5280 §6.1; docs/evidence.md.
    """
    signed = next((each for each in record.certificates if each.kind == "digital-signature"), None)
    if values is None or values.proof is None or signed is None:
        return (VerificationStep("proof", Verdict.UNKNOWN, "no signature is kept in this record"),)
    proof, statement = values.proof, values.statement
    transaction = _read_transaction(proof)
    questions: dict[str, Callable[[], object]] = {
        "certificate": lambda: verify_kept_certificate(
            proof, profiles=profiles, trust=trust, signed_at=signed.verified_at
        ),
        "signature": lambda: check_kept_signature(proof),
        "issuer": lambda: _check_same("issuer", proof.issuer, issuer),
        "transaction": lambda: _check_transaction(transaction, record, signed),
        "statement": lambda: _check_statement(transaction, record, statement),
    }
    return tuple(_ask(name, question) for name, question in questions.items())


def sum_up_verification(steps: Sequence[VerificationStep]) -> Verdict:
    """The worst of all answers; a no outweighs what could not be found out."""
    verdicts = {step.verdict for step in steps}
    return next(each for each in (Verdict.REFUSED, Verdict.UNKNOWN, Verdict.GOOD) if each in verdicts)


def _ask(name: str, question: Callable[[], object]) -> VerificationStep:
    try:
        question()
    except CardRejected as refusal:
        return VerificationStep(name, Verdict.REFUSED, str(refusal))
    except NotThisRecords as difference:
        return VerificationStep(name, Verdict.REFUSED, str(difference))
    except NoLongerKnown as gap:
        return VerificationStep(name, Verdict.UNKNOWN, str(gap))
    return VerificationStep(name, Verdict.GOOD)


def _read_transaction(proof: KeptProof) -> dict[str, Any]:
    try:
        members = json.loads(proof.transaction)
        is_canonical = rfc8785.dumps(members) == proof.transaction.encode("utf-8")
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) and is_canonical else {}


def _check_transaction(transaction: dict[str, Any], record: EvidenceRecord, signed: CheckedCertificate) -> None:
    _check_same("txn", transaction.get("txn"), record.txn)
    _check_same("client_id", transaction.get("client_id"), record.client_id)
    _check_same("action", transaction.get("action"), "step-up")
    _check_same("claims", transaction.get("claims"), list(record.consent_items))
    opened, closed = str(transaction.get("issued_at")), str(transaction.get("expires_at"))
    if not opened <= format_time(signed.verified_at) < closed:
        raise NotThisRecords("it was not signed while the transaction was open")


def _check_statement(transaction: dict[str, Any], record: EvidenceRecord, statement: str) -> None:
    _check_same("statement", transaction.get("statement"), statement)
    _check_same("statement_sha256", hashlib.sha256(statement.encode("utf-8")).digest(), record.statement_hash)


def _check_same(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise NotThisRecords(f"{name} is not this record's")
