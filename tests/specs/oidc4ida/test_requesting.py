"""OIDC4IDA §5.3 to §5.7: what is returned for what was asked, and what is left out."""

from datetime import timedelta
from typing import Any

import pytest

from idp.assurance.trust_framework import production_frameworks
from tests.unit.assurance.samples import ISSUER, OWN, VERIFIED_AT, digital_signature, make_policy, user_authentication
from tests.unit.oidc.claims_world import OPEN, ClaimsWorld, wanting

NAME = {"name": None}


def verified(world: ClaimsWorld, agreed: tuple[str, ...] | None = None) -> Any:
    return world.release(agreed).userinfo.get("verified_claims")


def verification(element: dict[str, Any], **changed: Any) -> Any:
    answer = verified(ClaimsWorld(wanting(NAME, {**OPEN, **element}), **changed))
    return None if answer is None else answer["verification"]


def document(**members: Any) -> dict[str, Any]:
    return {"evidence": [{"type": {"value": "document"}, **members}]}


def test_nothing_of_the_verification_is_told_that_was_not_asked_for() -> None:
    assert verification({}) == {"trust_framework": OWN}
    assert verification({"time": None}) == {"trust_framework": OWN, "time": "2026-11-22T07:31:12Z"}
    assert verification(document()) == {"trust_framework": OWN, "evidence": [{"type": "document"}]}
    assert verification({"assurance_process": {"procedure": None}}) == {
        "trust_framework": OWN,
        "assurance_process": {"procedure": "jpki_signature_certificate"},
    }


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (None, OWN),
        ({"value": "jp_aml"}, "jp_aml"),
        ({"values": ["de_aml", "jp_aml", OWN]}, "jp_aml"),
        ({"values": [OWN, "jp_aml"]}, OWN),
        ({"value": "de_aml"}, None),
        ({"value": "jp_mpiupa"}, None),
    ],
)
def test_the_first_framework_that_the_client_accepts_and_that_is_met(wanted: Any, told: str | None) -> None:
    answer = verification({"trust_framework": wanted})
    assert (answer and answer["trust_framework"]) == told


def test_a_legal_framework_is_not_met_without_a_status() -> None:
    unchecked = (user_authentication("none"), digital_signature(status="none"))
    assert verification({"trust_framework": {"value": "jp_aml"}}, evidence=unchecked) is None
    assert verification({}, evidence=unchecked) is None


def test_age_of_the_verification_counts_up_to_the_request() -> None:
    old = digital_signature(verified_at=VERIFIED_AT - timedelta(hours=2))
    wanted = {"time": {"max_age": 3600}}
    assert verification(wanted) is not None
    assert verification(wanted, evidence=(old,)) is None
    assert verification({"time": {"max_age": 0}}) is not None


@pytest.mark.parametrize(
    "element",
    [
        {"assurance_level": {"value": "high"}},
        {"assurance_process": {"policy": {"value": "x"}}},
        {"assurance_process": {"procedure": {"value": "x"}}},
        {"verification_process": {"value": "x"}},
        {"colour": {"value": "red"}},
        {"assurance_process": {"value": "x"}},
        document(check_details=[{"check_method": {"value": "pipp"}}]),
        document(check_details=[{"check_id": {"value": "x"}}]),
        document(check_details=[{"organization": {"value": "x"}}]),
        document(check_details=[{"time": {"max_age": 0}, "check_method": {"value": "x"}}]),
        document(document_details={"type": {"value": "jp_drivers_license"}}),
        document(document_details={"type": None, "date_of_expiry": {"max_age": 1}}),
        {"evidence": [{"type": {"value": "vouch"}}]},
        {"evidence": [{"type": {"value": "electronic_record"}}]},
        {"evidence": [{"type": {"value": "electronic_signature"}}]},
        {"evidence": [{"type": {"value": "utility_bill"}}]},
    ],
)
def test_a_demand_on_the_verification_that_is_not_met_leaves_out_the_whole(element: dict[str, Any]) -> None:
    """§5.7.4; no demand is ignored, known or not (§5.5.1)."""
    assert verification(element) is None


@pytest.mark.parametrize(
    "element",
    [
        {"assurance_level": None},
        {"assurance_process": {"policy": None}},
        {"colour": None},
        {"assurance_process": {"assurance_details": [{"assurance_type": {"value": "x"}}]}},
    ],
)
def test_what_is_only_not_there_is_left_out_alone(element: dict[str, Any]) -> None:
    """§5.7.2; an assurance_type has no filtering effect (§5.4)."""
    assert verification(element) == {"trust_framework": OWN}


def test_entries_of_evidence_are_alternatives() -> None:
    either = [{"type": {"value": "vouch"}}, {"type": {"value": "document"}, "document_details": {"type": None}}]
    assert verification({"evidence": either})["evidence"] == [
        {"type": "document", "document_details": {"type": "jp_individual_number_card"}}
    ]


def test_entries_of_check_details_are_alternatives_and_choose() -> None:
    wanted = document(
        check_details=[{"check_method": {"values": ["eid", "bvr"]}}, {"check_method": {"value": "token"}}]
    )
    assert verification(wanted)["evidence"][0]["check_details"] == [{"check_method": "eid"}, {"check_method": "token"}]


def test_what_a_valid_answer_needs_and_was_not_asked_for_goes_with_its_parent() -> None:
    """§5.7.5."""
    assert verification(document(check_details=[{"check_id": None}]))["evidence"] == [{"type": "document"}]
    assert verification(document(document_details={"document_number": None}))["evidence"] == [{"type": "document"}]


def test_derived_claims_are_claims_that_are_told_too() -> None:
    wanted = document(derived_claims={"name": None, "birthdate": None, "address": {"value": "x"}})
    assert verification(wanted)["evidence"] == [{"type": "document", "derived_claims": {"name": "山田　太郎"}}]


def test_a_certificate_in_a_phone_is_not_the_card() -> None:
    phone = digital_signature(credential_kind="phone")
    wanted = document(document_details={"type": {"value": "jp_individual_number_card"}})
    assert verification(wanted, evidence=(phone,)) is None
    told = verification(document(document_details={"type": None}), evidence=(phone,))
    assert told["evidence"][0]["document_details"] == {"type": f"{ISSUER}/document/jpki-phone-certificate"}


def test_a_claim_whose_value_is_not_met_is_left_out_alone() -> None:
    """§5.7.4, second case."""
    world = ClaimsWorld(wanting({"name": {"value": "山田　花子"}, "birthdate": {"value": "1985-03-15"}}))
    assert verified(world)["claims"] == {"birthdate": "1985-03-15"}


def test_the_age_of_a_birthdate_can_be_demanded() -> None:
    """§5.5.2: of any element that is a date."""
    years = 366 * 86_400
    assert verified(ClaimsWorld(wanting({"birthdate": {"max_age": 50 * years}}))) is not None
    assert verified(ClaimsWorld(wanting({"birthdate": {"max_age": 40 * years}}))) is None


@pytest.mark.parametrize(
    "claims", [{"given_name": None}, {"nationalities": None, "COMPLETE $ AND UTTER NONSENSE": None}]
)
def test_where_no_claim_is_left_nothing_is_said(claims: dict[str, Any]) -> None:
    world = ClaimsWorld(wanting(claims))
    assert world.keys() == []
    assert verified(world) is None


def test_sets_with_different_demands_are_judged_one_by_one() -> None:
    """§5.6."""
    sets = [
        {"verification": {"trust_framework": {"value": "jp_aml"}}, "claims": {"name": None, "birthdate": None}},
        {"verification": {"trust_framework": {"value": "de_aml"}}, "claims": {"address": None}},
        {"verification": {"trust_framework": {"value": OWN}}, "claims": {"birthdate": None}},
    ]
    world = ClaimsWorld({"userinfo": {"verified_claims": sets}})
    assert world.keys() == ["name", "birthdate"]
    assert verified(world, agreed=("name", "birthdate", "address")) == [
        {
            "verification": {"trust_framework": "jp_aml"},
            "claims": {"name": "山田　太郎", "birthdate": "1985-03-15"},
        },
        {"verification": {"trust_framework": OWN}, "claims": {"birthdate": "1985-03-15"}},
    ]


def test_what_was_asked_for_as_an_array_is_told_as_one() -> None:
    only = {"verification": OPEN, "claims": NAME}
    assert isinstance(verified(ClaimsWorld({"userinfo": {"verified_claims": [only]}})), list)
    assert isinstance(verified(ClaimsWorld({"userinfo": {"verified_claims": only}})), dict)


def test_times_are_in_utc() -> None:
    """Privacy considerations: a time zone tells where somebody is."""
    assert verification({"time": None})["time"].endswith("Z")


def test_a_framework_that_the_operator_did_not_set_is_not_there() -> None:
    bare = make_policy(frameworks=production_frameworks(ISSUER, {}))
    assert verification({"trust_framework": {"value": "jp_aml"}}, policy=bare) is None
