"""What a requested element must be."""

from datetime import timedelta
from typing import Any

import pytest

from idp.assurance.constraint import InvalidClaimsRequest, is_constrained, parse_constraint
from tests.unit.assurance.samples import NOW


@pytest.mark.parametrize("element", [None, {}, {"essential": True}, {"purpose": "what is not understood is ignored"}])
def test_an_open_element_accepts_anything(element: Any) -> None:
    assert parse_constraint(element, "x").accepts({"any": 1}, requested_at=NOW)


@pytest.mark.parametrize(
    ("element", "accepted", "refused"),
    [
        ({"value": "a"}, "a", "b"),
        ({"values": ["b", "a"]}, "a", "c"),
        ({"value": True}, True, 1),
        ({"value": 1}, 1, True),
        ({"value": 1.0}, 1, 2),
        ({"value": None}, None, "null"),
        ({"value": {"a": 1, "b": 2}}, {"b": 2, "a": 1}, {"a": 1}),
    ],
)
def test_values_are_compared_as_json(element: Any, accepted: Any, refused: Any) -> None:
    constraint = parse_constraint(element, "x")
    assert constraint.accepts(accepted, requested_at=NOW)
    assert not constraint.accepts(refused, requested_at=NOW)


@pytest.mark.parametrize(("age_seconds", "is_accepted"), [(59, True), (60, True), (61, False), (-5, True)])
def test_age_counts_up_to_the_request(age_seconds: int, is_accepted: bool) -> None:
    constraint = parse_constraint({"max_age": 60}, "x")
    assert constraint.accepts("t", moment=NOW - timedelta(seconds=age_seconds), requested_at=NOW) is is_accepted


def test_an_age_of_what_has_no_time_is_never_met() -> None:
    assert not parse_constraint({"max_age": 60}, "x").accepts("t", requested_at=NOW)


@pytest.mark.parametrize(
    "element",
    [
        True,
        "x",
        1,
        [],
        {"essential": 1},
        {"essential": None},
        {"value": "a", "values": ["a"]},
        {"values": []},
        {"values": "a"},
        {"values": ["a"] * 33},
        {"max_age": -1},
        {"max_age": 1.5},
        {"max_age": "1"},
        {"max_age": True},
        {"max_age": 10**12},
    ],
)
def test_a_broken_element_is_refused_with_its_place(element: Any) -> None:
    with pytest.raises(InvalidClaimsRequest) as refused:
        parse_constraint(element, "claims.userinfo.*")
    assert refused.value.where.startswith("claims.userinfo.*")


def test_where_only_texts_are_meant_others_are_refused() -> None:
    assert parse_constraint({"values": ["a"]}, "x", is_text=True).accepted == ('"a"',)
    with pytest.raises(InvalidClaimsRequest):
        parse_constraint({"values": ["a", 1]}, "x", is_text=True)


@pytest.mark.parametrize("element", [{"value": 1}, {"a": [{"b": {"max_age": 1}}]}, [{"values": []}]])
def test_a_demand_is_found_however_deep(element: Any) -> None:
    assert is_constrained(element)
    assert not is_constrained({"a": [None, {"essential": True}], "b": "value"})
