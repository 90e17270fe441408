"""How much of a kept proof is told: never more than the person agreed to."""

from dataclasses import replace

import pytest

from idp.signin.evidence_proof import describe_proof
from tests.unit.card_login.proofs import kept
from tests.unit.signin.evidence_samples import SIGNED_RECORD, SIGNED_VALUES, values

EVERYTHING = ("name", "birthdate", "address", "gender", "certificate_serial")


def test_who_agreed_to_all_that_the_certificate_says_gives_the_whole_proof() -> None:
    told = describe_proof(replace(SIGNED_RECORD, consent_items=EVERYTHING), SIGNED_VALUES)
    assert told["proof"] == kept().to_members() | {"verification_process": "ev-sign"}
    assert told["withheld"] == []
    assert told["not_kept"] == ["user_authentication_certificate", "user_authentication_signature"]


@pytest.mark.parametrize("missing", ["name", "birthdate", "address", "gender"])
def test_a_certificate_that_says_more_than_was_agreed_to_is_withheld(missing: str) -> None:
    agreed = tuple(item for item in EVERYTHING if item != missing)
    told = describe_proof(replace(SIGNED_RECORD, consent_items=agreed), SIGNED_VALUES)
    assert told["withheld"] == ["certificate"]
    assert "certificate" not in told["proof"]
    assert told["proof"]["signature"]


@pytest.mark.parametrize("agreed", [(), ("age_20_or_over",), ("name", "birthdate", "address", "gender")])
def test_without_the_serial_numbers_item_nothing_that_leads_to_the_card_is_told(agreed: tuple[str, ...]) -> None:
    told = describe_proof(replace(SIGNED_RECORD, consent_items=agreed), SIGNED_VALUES)
    assert told["withheld"] == ["certificate", "signature"]
    assert "proof" not in told


def test_the_operator_is_told_what_is_kept() -> None:
    told = describe_proof(replace(SIGNED_RECORD, consent_items=()), SIGNED_VALUES, for_operator=True)
    assert told["proof"]["certificate"]
    assert told["withheld"] == []


def test_a_record_without_a_proof_says_that_none_is_kept() -> None:
    nothing = ["certificate", "signature"]
    assert describe_proof(SIGNED_RECORD, values(None)) == {"not_kept": nothing, "withheld": []}
    assert describe_proof(replace(SIGNED_RECORD, sealed=None), None) == {"not_kept": nothing}


def test_whoever_lost_its_legal_basis_is_not_told_that_nothing_is_kept() -> None:
    assert describe_proof(SIGNED_RECORD, None) == {
        "not_kept": ["user_authentication_certificate", "user_authentication_signature"]
    }
