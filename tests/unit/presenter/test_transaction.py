"""The transaction is held to the protocol's rules, by the published vectors."""

from datetime import UTC, datetime
from typing import Any

import pytest

from idp.presenter.display import UndisplayableText
from idp.presenter.signed_bytes import message_to_sign
from idp.presenter.transaction import InvalidTransaction, check_transaction, format_time
from tests.unit.presenter.transactions import VECTORS, is_of_its_type, transaction

SIGNING = {"action": "step-up", "statement": "I agree.", "claims": ["name"]}


def named(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(VECTORS["signed"])
def test_an_accepted_vector_is_accepted_and_signed_as_it_says(case: dict[str, Any]) -> None:
    described = transaction(case["transaction"])
    check_transaction(described, case["purpose"])
    assert described.canonical().hex() == case["jcs_hex"]
    signed = message_to_sign(case["purpose"], case["issuer"], case["nonce"], described.canonical())
    assert signed.hex() == case["signed_bytes_hex"]


@named([case for case in VECTORS["refused_members"] if is_of_its_type(case["member"], case["value"])])
def test_a_member_against_its_rule_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises((InvalidTransaction, UndisplayableText)):
        check_transaction(transaction(**{case["member"]: case["value"]}))


@pytest.mark.parametrize("missing", [{"statement": ""}, {"claims": []}, *({"action": a} for a in ("sign-in", "merge"))])
def test_a_declaration_of_will_says_what_is_declared_and_never_signs_in(missing: dict[str, Any]) -> None:
    check_transaction(transaction(**SIGNING), "digital-signature")
    with pytest.raises(InvalidTransaction):
        check_transaction(transaction(**{**SIGNING, **missing}), "digital-signature")


def test_purposes_sign_different_bytes_over_the_same_transaction() -> None:
    canonical = transaction(**SIGNING).canonical()
    made = {
        message_to_sign(p, "https://a.example", "n", canonical) for p in ("user-authentication", "digital-signature")
    }
    assert len(made) == 2


def test_an_expiry_must_be_later_than_the_beginning() -> None:
    with pytest.raises(InvalidTransaction):
        check_transaction(transaction(expires_at="2026-04-01T00:00:00Z"))


def test_times_are_written_as_the_protocol_wants_them() -> None:
    assert format_time(datetime(2026, 4, 1, 0, 5, tzinfo=UTC)) == "2026-04-01T00:05:00Z"
