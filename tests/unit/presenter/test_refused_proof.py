"""A refused proof is known again, and a purpose stays what it was."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.identifiers import encode_base64url
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.opening import (
    PROVING_LIMIT,
    Opening,
    OpeningState,
    accept_proof,
    check_secret,
    end_opening,
    is_repeated_refusal,
    open_transaction,
    refuse_proof,
    take_nonce,
)

NOW = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SECRET = encode_base64url(bytes(range(32)))
COMMITMENT = encode_base64url(hashlib.sha256(bytes(range(32))).digest())
OTHER = encode_base64url(hashlib.sha256(bytes(32)).digest())


def opened(**changes: object) -> Opening:
    return replace(open_transaction(Opening(), COMMITMENT, "{}", LATER, NOW), **changes)


def refused(reason: str = "bad_signature", *, body: str = "hash", **changes: object) -> Opening:
    taken, _ = take_nonce(opened(**changes), NOW)
    return refuse_proof(taken, reason, proof_hash=body, reference="REF7")


def test_the_purpose_stays_through_every_move() -> None:
    opening = open_transaction(Opening(purpose="digital-signature"), COMMITMENT, "{}", LATER, NOW)
    taken, _ = take_nonce(opening, NOW)
    for moved in (taken, refuse_proof(taken, "malformed"), accept_proof(taken, SECRET, "h"), end_opening(taken, "x")):
        assert moved.purpose == "digital-signature"


def test_a_record_from_before_purposes_is_one_of_user_authentication() -> None:
    assert Opening(state=OpeningState.OPENED, tries_left=5).purpose == "user-authentication"


@pytest.mark.parametrize("tries_left", [1, 5])
def test_a_refused_proof_is_known_again_without_costing_a_try(tries_left: int) -> None:
    opening = refused(tries_left=tries_left)
    assert is_repeated_refusal(opening, "hash")
    assert not is_repeated_refusal(opening, "another")
    assert (opening.tries_left, opening.refused_reference) == (tries_left - 1, "REF7")


def test_only_the_last_refused_proof_is_known_again() -> None:
    taken, _ = take_nonce(refused(), NOW)
    assert not is_repeated_refusal(taken, "hash")
    second = refuse_proof(taken, "malformed", proof_hash="second", reference="REF8")
    assert (is_repeated_refusal(second, "hash"), is_repeated_refusal(second, "second")) == (False, True)


def test_opening_again_after_a_refusal_does_not_forget_it() -> None:
    again = open_transaction(refused(), COMMITMENT, "{}", LATER, NOW)
    assert is_repeated_refusal(again, "hash")


@pytest.mark.parametrize("tries_left", [1, 5])
def test_cancelling_forgets_the_refused_proof(tries_left: int) -> None:
    assert not is_repeated_refusal(end_opening(refused(tries_left=tries_left), "cancelled"), "hash")


def test_no_proof_is_a_repetition_of_one_that_was_never_refused() -> None:
    assert not is_repeated_refusal(opened(), "")


def test_an_accepted_proof_forgets_the_refused_one() -> None:
    taken, _ = take_nonce(refused(), NOW)
    assert not is_repeated_refusal(accept_proof(taken, SECRET, "second"), "hash")


def test_a_check_that_died_leaves_no_refusal_to_repeat() -> None:
    taken, _ = take_nonce(opened(), NOW)
    freed = open_transaction(taken, COMMITMENT, "{}", LATER, NOW + PROVING_LIMIT + timedelta(seconds=1))
    assert not is_repeated_refusal(freed, "")


def test_a_secret_is_of_no_use_after_a_refusal_that_ended_the_transaction() -> None:
    with pytest.raises(PresenterError) as refusal:
        check_secret(refused(tries_left=1), SECRET)
    assert refusal.value.code is PresenterErrorCode.TRANSACTION_ENDED
