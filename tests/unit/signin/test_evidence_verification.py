"""A record verified again: every step has its own answer, and each alteration fails the step that it concerns."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.card_login.kept_proof import KeptProof
from idp.jpki.profile import PRODUCTION_PROFILES
from idp.jpki.trust_anchors import TrustAnchors
from idp.signin.evidence_record import EvidenceRecord, EvidenceValues
from idp.signin.evidence_verification import Verdict, sum_up_verification, verify_evidence
from tests.unit.card_login.proofs import ISSUER, kept, transaction
from tests.unit.jpki.certificates import NOW, anchor, trust
from tests.unit.signin.evidence_samples import SIGNED, SIGNED_AT, SIGNED_RECORD, SIGNED_VALUES, values

STEPS = ["certificate", "signature", "issuer", "transaction", "statement"]


def verdicts(
    record: EvidenceRecord = SIGNED_RECORD,
    sealed: EvidenceValues | None = SIGNED_VALUES,
    anchors: TrustAnchors | None = None,
    issuer: str = ISSUER,
) -> dict[str, Verdict]:
    steps = verify_evidence(
        record, sealed, issuer=issuer, profiles=PRODUCTION_PROFILES, trust=anchors if anchors else trust()
    )
    return {step.name: step.verdict for step in steps}


def refused(**changes: Any) -> list[str]:
    return [name for name, verdict in verdicts(**changes).items() if verdict is not Verdict.GOOD]


def signed(**changes: Any) -> EvidenceValues:
    """The same record with another transaction under its signature."""
    return values(kept(transaction(**changes).canonical().decode()))


def test_a_good_record_is_good_in_every_step() -> None:
    assert verdicts() == dict.fromkeys(STEPS, Verdict.GOOD)


@pytest.mark.parametrize(
    ("proof", "steps"),
    [
        (replace(kept(), signature=bytes(256)), ["signature"]),
        (replace(kept(), nonce="m" * 43), ["signature"]),
        (replace(kept(), issuer="https://other.example"), ["signature", "issuer"]),
        (replace(kept(), transaction=kept().transaction + " "), ["signature", "transaction", "statement"]),
        (replace(kept(), transaction="[]"), ["signature", "transaction", "statement"]),
        (replace(kept(), transaction="{"), ["signature", "transaction", "statement"]),
        (replace(kept(), certificate=b"\x00"), ["certificate", "signature"]),
    ],
)
def test_an_altered_proof_fails_where_it_was_altered(proof: KeptProof, steps: list[str]) -> None:
    assert refused(sealed=values(proof)) == steps


@pytest.mark.parametrize(
    "change",
    [{"txn": "u" * 42 + "A"}, {"client_id": "shop"}, {"action": "sign-in"}, {"claims": ("name",)}],
    ids=lambda change: next(iter(change)),
)
def test_a_good_signature_over_another_transaction_is_not_this_records(change: dict[str, Any]) -> None:
    assert refused(sealed=signed(**change)) == ["transaction"]


@pytest.mark.parametrize("seconds", [-1, 60])
def test_a_signature_from_outside_its_transactions_time_is_not_this_records(seconds: int) -> None:
    moved = replace(SIGNED, verified_at=NOW + timedelta(seconds=seconds))
    assert refused(record=replace(SIGNED_RECORD, certificates=(moved,))) == ["transaction"]


def test_another_statement_or_hash_is_not_this_records() -> None:
    assert refused(sealed=signed(statement="another")) == ["statement"]
    assert refused(sealed=replace(SIGNED_VALUES, statement="another")) == ["statement"]
    assert refused(record=replace(SIGNED_RECORD, statement_hash=bytes(32))) == ["statement"]
    assert refused(record=replace(SIGNED_RECORD, statement_hash=None)) == ["statement"]


def test_a_member_that_stands_there_twice_makes_no_transaction() -> None:
    text = kept().transaction
    doubled = text[:-1] + ',"txn":' + text.split('"txn":')[1]
    assert "transaction" in refused(sealed=values(kept(doubled)))


def test_an_installation_of_another_issuer_does_not_call_it_its_own() -> None:
    assert refused(issuer="https://other.example") == ["issuer"]


def test_without_the_authority_it_cannot_be_said() -> None:
    found = verdicts(anchors=TrustAnchors([anchor()]))
    assert found == dict.fromkeys(STEPS, Verdict.GOOD) | {"certificate": Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("record", "sealed"),
    [
        (replace(SIGNED_RECORD, sealed=None), None),
        (SIGNED_RECORD, values(None)),
        (replace(SIGNED_RECORD, certificates=SIGNED_RECORD.certificates[:1]), SIGNED_VALUES),
    ],
    ids=["nothing sealed", "no proof", "no signature"],
)
def test_where_nothing_was_kept_nothing_can_be_said(record: EvidenceRecord, sealed: EvidenceValues | None) -> None:
    assert verdicts(record, sealed) == {"proof": Verdict.UNKNOWN}


def test_a_no_outweighs_what_could_not_be_found_out() -> None:
    def sum_up(*found: Verdict) -> Verdict:
        steps = verify_evidence(SIGNED_RECORD, SIGNED_VALUES, issuer=ISSUER, profiles=(), trust=trust())
        return sum_up_verification([replace(steps[0], verdict=verdict) for verdict in found])

    assert sum_up(Verdict.GOOD, Verdict.UNKNOWN, Verdict.REFUSED) is Verdict.REFUSED
    assert sum_up(Verdict.GOOD, Verdict.UNKNOWN) is Verdict.UNKNOWN
    assert sum_up(Verdict.GOOD) is Verdict.GOOD


def test_no_step_tells_of_the_person() -> None:
    steps = verify_evidence(
        replace(SIGNED_RECORD, statement_hash=None, client_id="shop"),
        SIGNED_VALUES,
        issuer=ISSUER,
        profiles=PRODUCTION_PROFILES,
        trust=TrustAnchors([]),
    )
    text = str(steps)
    assert not any(secret in text for secret in ("山田", "1234abcd", "私は", "銀行"))
    assert SIGNED_AT
