"""The schema of what is asked."""

from typing import Any

import pytest

from idp.assurance.constraint import InvalidClaimsRequest
from idp.assurance.verified_claims_request import parse_verified_claims

OPEN = {"trust_framework": None}
DOCUMENT = {"type": {"value": "document"}}


def parse(**members: Any) -> Any:
    return parse_verified_claims({"verification": OPEN, "claims": {"name": None}, **members}, "vc")


def test_null_asks_for_no_claim_and_an_empty_object_is_refused() -> None:
    assert parse(claims=None)[0].claims is None
    with pytest.raises(InvalidClaimsRequest):
        parse(claims={})


def test_several_objects_are_read_in_order() -> None:
    one = {"verification": OPEN, "claims": {"name": None}}
    two = {"verification": OPEN, "claims": {"birthdate": None}}
    assert [wanted.claims[0][0] for wanted in parse_verified_claims([one, two], "vc") if wanted.claims] == [
        "name",
        "birthdate",
    ]
    with pytest.raises(InvalidClaimsRequest):
        parse_verified_claims([one] * 9, "vc")


def test_what_is_not_known_is_no_fault() -> None:
    assert parse(verification={**OPEN, "colour": None, "evidence": [{**DOCUMENT, "attachments": None}]})
    assert parse(verification={**OPEN, "evidence": [{"type": {"value": "utility_bill"}}]})


@pytest.mark.parametrize("element", [None, "x", 1, {}, {"verification": OPEN}, {"claims": None}])
def test_both_members_are_required(element: Any) -> None:
    with pytest.raises(InvalidClaimsRequest):
        parse_verified_claims(element, "vc")


def test_there_is_no_third_member() -> None:
    with pytest.raises(InvalidClaimsRequest):
        parse(purpose="the final text has none")


@pytest.mark.parametrize(
    "verification",
    [
        None,
        {},
        {"time": None},
        {"trust_framework": "jp_aml"},
        {"trust_framework": {"value": 1}},
        {"trust_framework": {"values": []}},
        {"trust_framework": {"values": "jp_aml"}},
        {**OPEN, "time": "now"},
        {**OPEN, "time": {"max_age": -1}},
        {**OPEN, "time": {"max_age": "60"}},
        {**OPEN, "assurance_process": None},
        {**OPEN, "assurance_process": {"policy": True}},
        {**OPEN, "assurance_process": {"assurance_details": []}},
        {**OPEN, "evidence": None},
        {**OPEN, "evidence": []},
        {**OPEN, "evidence": {}},
        {**OPEN, "evidence": [{}]},
        {**OPEN, "evidence": [DOCUMENT] * 9},
        {**OPEN, "evidence": [{"type": None}]},
        {**OPEN, "evidence": [{"type": "document"}]},
        {**OPEN, "evidence": [{"type": {"values": ["document"]}}]},
        {**OPEN, "evidence": [{"type": {"value": "document", "values": ["document"]}}]},
        {**OPEN, "evidence": [{"type": {"value": 1}}]},
        {**OPEN, "evidence": [{**DOCUMENT, "check_details": None}]},
        {**OPEN, "evidence": [{**DOCUMENT, "check_details": []}]},
        {**OPEN, "evidence": [{**DOCUMENT, "check_details": [None]}]},
        {**OPEN, "evidence": [{**DOCUMENT, "check_details": [{"check_method": ["vcrypt"]}]}]},
        {**OPEN, "evidence": [{**DOCUMENT, "check_details": [{"time": {"max_age": None}}]}]},
        {**OPEN, "evidence": [{**DOCUMENT, "document_details": None}]},
        {**OPEN, "evidence": [{**DOCUMENT, "document_details": {"type": {"value": 7}}}]},
        {**OPEN, "evidence": [{**DOCUMENT, "derived_claims": []}]},
    ],
)
def test_a_broken_verification_is_refused(verification: Any) -> None:
    with pytest.raises(InvalidClaimsRequest) as refused:
        parse(verification=verification)
    assert refused.value.where.startswith("vc.verification")


@pytest.mark.parametrize(
    "claims", ["name", ["name"], {"name": True}, {"name": "x"}, {f"c{i}": None for i in range(65)}]
)
def test_broken_claims_are_refused(claims: Any) -> None:
    with pytest.raises(InvalidClaimsRequest):
        parse(claims=claims)


def test_a_refusal_repeats_nothing_that_was_sent() -> None:
    with pytest.raises(InvalidClaimsRequest) as refused:
        parse(claims={"山田太郎": 1})
    assert "山田" not in str(refused.value)
