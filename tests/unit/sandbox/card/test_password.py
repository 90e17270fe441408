"""A password and its tries."""

import pytest

from idp.sandbox.card.password import CardPassword, TriesInMemory
from idp.sandbox.card.status_word import CommandRefused


class RecordingCounter:
    def __init__(self, tries_left: int) -> None:
        self.records = [tries_left]

    def tries_left(self) -> int:
        return self.records[-1]

    def record(self, tries_left: int) -> None:
        self.records.append(tries_left)


def answer_to(password: CardPassword, attempt: bytes) -> int:
    with pytest.raises(CommandRefused) as refused:
        password.check(attempt)
    return refused.value.status_word


def test_each_wrong_try_counts_and_a_right_one_restores() -> None:
    password = CardPassword(b"1234", 3, TriesInMemory(3), 0x6984)

    assert [answer_to(password, b"0000"), answer_to(password, b"0001")] == [0x63C2, 0x63C1]
    password.check(b"1234")
    assert password.tries_left() == 3


def test_the_exhausting_try_says_63c0_and_the_right_password_afterwards_is_locked_out() -> None:
    password = CardPassword(b"1234", 1, TriesInMemory(1), 0x6984)

    assert answer_to(password, b"0000") == 0x63C0
    assert answer_to(password, b"1234") == 0x6984
    assert password.tries_left() == 0


def test_the_try_is_counted_before_the_password_is_compared() -> None:
    counter = RecordingCounter(3)

    CardPassword(b"1234", 3, counter, 0x6984).check(b"1234")

    assert counter.records == [3, 2, 3]


def test_two_cards_on_one_counter_share_the_tries() -> None:
    counter = TriesInMemory(3)
    first, second = (CardPassword(b"1234", 3, counter, 0x6984) for _ in range(2))

    answer_to(first, b"0000")
    answer_to(second, b"0000")

    assert answer_to(first, b"0000") == 0x63C0
    assert answer_to(second, b"1234") == 0x6984


@pytest.mark.parametrize(("stored", "told"), [(-1, 0), (99, 3)])
def test_a_broken_stored_count_stays_within_the_maximum(stored: int, told: int) -> None:
    assert CardPassword(b"1234", 3, TriesInMemory(stored), 0x6984).tries_left() == told


@pytest.mark.parametrize("attempt", [b"abc123", b"ABC12", b"ABC1234", b"ABC123\x00", b" ABC123", b""])
def test_only_the_exact_bytes_are_the_password(attempt: bytes) -> None:
    assert answer_to(CardPassword(b"ABC123", 5, TriesInMemory(5), 0x6984), attempt) == 0x63C4
