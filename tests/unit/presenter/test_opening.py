"""The opening's states: every order of calls, by people and by the clock."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from idp.identifiers import encode_base64url, is_identifier, new_identifier
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.opening import (
    PROVING_LIMIT,
    Opening,
    OpeningState,
    TransactionSpoiled,
    accept_proof,
    check_secret,
    end_opening,
    is_repeated_proof,
    is_return_secret,
    mark_returned,
    open_transaction,
    refuse_proof,
    return_secret,
    take_nonce,
)

NOW = datetime(2026, 4, 1, tzinfo=UTC)
EXPIRES = NOW + timedelta(seconds=300)
SECRET, OTHER_SECRET = new_identifier(), new_identifier()


def commitment_of(secret: str) -> str:
    return encode_base64url(hashlib.sha256(base64.urlsafe_b64decode(secret + "=")).digest())


def opened(now: datetime = NOW) -> Opening:
    return open_transaction(Opening(), commitment_of(SECRET), "{}", EXPIRES, now)


def code_of(refused: pytest.ExceptionInfo[PresenterError]) -> PresenterErrorCode:
    return refused.value.code


def test_the_first_opening_freezes_transaction_nonce_and_commitment() -> None:
    opening = opened()
    again = open_transaction(opening, commitment_of(SECRET), "another", EXPIRES + timedelta(days=1), NOW)
    assert again == opening
    assert is_identifier(opening.nonce)
    assert opening.transaction == "{}"


def test_another_commitment_ends_the_transaction() -> None:
    with pytest.raises(TransactionSpoiled) as spoiled:
        open_transaction(opened(), commitment_of(OTHER_SECRET), "{}", EXPIRES, NOW)
    assert spoiled.value.error.code is PresenterErrorCode.ALREADY_OPENED
    assert spoiled.value.ended.state is OpeningState.ENDED
    assert spoiled.value.ended.nonce == ""


def test_a_nonce_is_taken_once() -> None:
    taken, nonce = take_nonce(opened(), NOW)
    assert (taken.nonce, taken.state, taken.tries_left) == ("", OpeningState.PROVING, 4)
    assert nonce
    with pytest.raises(PresenterError) as refused:
        take_nonce(taken, NOW)
    assert code_of(refused) is PresenterErrorCode.PROOF_IN_PROGRESS


@pytest.mark.parametrize(("seconds", "is_open"), [(299, True), (300, False), (301, False)])
def test_a_nonce_lives_until_the_opening_expires(seconds: int, is_open: bool) -> None:
    now = NOW + timedelta(seconds=seconds)
    if is_open:
        take_nonce(opened(), now)
        return
    with pytest.raises(PresenterError) as refused:
        take_nonce(opened(), now)
    assert code_of(refused) is PresenterErrorCode.TRANSACTION_ENDED


def test_a_check_that_never_ended_frees_the_presenter_after_its_limit() -> None:
    taken, nonce = take_nonce(opened(), NOW)
    with pytest.raises(PresenterError) as refused:
        open_transaction(taken, commitment_of(SECRET), "{}", EXPIRES, NOW + PROVING_LIMIT)
    assert code_of(refused) is PresenterErrorCode.PROOF_IN_PROGRESS
    later = NOW + PROVING_LIMIT + timedelta(seconds=1)
    freed = open_transaction(taken, commitment_of(SECRET), "{}", EXPIRES, later)
    assert freed.state is OpeningState.OPENED
    assert freed.nonce not in ("", nonce)
    assert freed.tries_left == 4


def test_a_last_try_that_never_ended_ends_the_transaction() -> None:
    taken, _ = take_nonce(replace(opened(), tries_left=1), NOW)
    with pytest.raises(TransactionSpoiled) as spoiled:
        open_transaction(taken, commitment_of(SECRET), "{}", EXPIRES, NOW + PROVING_LIMIT + timedelta(seconds=1))
    assert spoiled.value.error.code is PresenterErrorCode.TRANSACTION_ENDED


def test_the_return_secret_follows_from_the_presenters_secret_only() -> None:
    taken, _ = take_nonce(opened(), NOW)
    proved = accept_proof(taken, SECRET, "hash")
    secret = return_secret(proved, SECRET)
    assert is_return_secret(proved, secret)
    assert return_secret(proved, SECRET) == secret
    assert not is_return_secret(proved, return_secret(proved, OTHER_SECRET))
    assert secret not in str(proved)
    assert not is_return_secret(Opening(), "")


@pytest.mark.parametrize("guess", ["", "x", "\udcff", "é" * 50, "A" * 10_000])
def test_a_guessed_return_secret_is_no_error_and_no_yes(guess: str) -> None:
    assert not is_return_secret(accept_proof(opened(), SECRET, "hash"), guess)


def test_only_the_accepted_proof_counts_as_repeated() -> None:
    proved = accept_proof(opened(), SECRET, "hash")
    assert is_repeated_proof(proved, "hash")
    assert not is_repeated_proof(proved, "another")
    assert not is_repeated_proof(mark_returned(proved), "hash")
    assert not is_repeated_proof(end_opening(proved, "cancelled"), "hash")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OpeningState.WAITING, PresenterErrorCode.NOT_OPEN),
        (OpeningState.RETURNED, PresenterErrorCode.TRANSACTION_ENDED),
        (OpeningState.ENDED, PresenterErrorCode.TRANSACTION_ENDED),
    ],
)
def test_a_secret_is_asked_for_only_while_a_presenter_holds_the_transaction(
    state: OpeningState, code: PresenterErrorCode
) -> None:
    with pytest.raises(PresenterError) as refused:
        check_secret(replace(opened(), state=state), SECRET)
    assert code_of(refused) is code


def test_another_secret_does_not_open_the_commitment() -> None:
    check_secret(opened(), SECRET)
    with pytest.raises(PresenterError) as refused:
        check_secret(opened(), OTHER_SECRET)
    assert code_of(refused) is PresenterErrorCode.INVALID_SECRET


class OpeningMachine(RuleBasedStateMachine):
    """Honest presenter, second presenter, clock and browser in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.opening = Opening()
        self.now = NOW
        self.spent: set[str] = set()
        self.tries = 0

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(is_honest=st.sampled_from([True, True, True, True, False]))
    def open(self, is_honest: bool) -> None:
        before = self.opening
        secret = SECRET if is_honest else OTHER_SECRET
        try:
            self.opening = open_transaction(before, commitment_of(secret), "{}", EXPIRES, self.now)
        except TransactionSpoiled as spoiled:
            self.opening = spoiled.ended
            assert before.commitment != commitment_of(secret) or before.state is OpeningState.PROVING
        except PresenterError:
            assert before.state not in (OpeningState.WAITING, OpeningState.OPENED)

    @rule()
    def take(self) -> None:
        before = self.opening
        try:
            self.opening, nonce = take_nonce(before, self.now)
        except PresenterError:
            assert before.state is not OpeningState.OPENED or self.now >= EXPIRES
        else:
            assert before.state is OpeningState.OPENED
            assert nonce not in self.spent
            self.spent.add(nonce)
            self.tries += 1

    @precondition(lambda self: self.opening.state is OpeningState.PROVING)
    @rule()
    def refuse(self) -> None:
        self.opening = refuse_proof(self.opening, "bad_signature")

    @precondition(lambda self: self.opening.state is OpeningState.PROVING)
    @rule()
    def accept(self) -> None:
        self.opening = accept_proof(self.opening, SECRET, "hash")

    @precondition(lambda self: self.opening.state is OpeningState.PROVED)
    @rule()
    def come_back(self) -> None:
        assert is_return_secret(self.opening, return_secret(self.opening, SECRET))
        self.opening = mark_returned(self.opening)

    @rule()
    def cancel(self) -> None:
        try:
            check_secret(self.opening, SECRET)
        except PresenterError:
            return
        self.opening = end_opening(self.opening, "cancelled")

    @invariant()
    def a_nonce_is_there_exactly_while_it_may_be_answered(self) -> None:
        assert bool(self.opening.nonce) == (self.opening.state is OpeningState.OPENED)

    @invariant()
    def tries_never_grow_and_never_pass_five(self) -> None:
        assert self.tries + self.opening.tries_left == 5
        assert self.opening.tries_left >= 0

    @invariant()
    def a_result_exists_only_after_a_proof(self) -> None:
        if self.opening.state in (OpeningState.PROVED, OpeningState.RETURNED):
            assert self.spent
            assert self.opening.return_hash


TestOpeningMachine = OpeningMachine.TestCase
TestOpeningMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
