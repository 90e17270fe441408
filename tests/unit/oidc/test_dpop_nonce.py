"""Nonces that no process remembers: RFC 9449 §8."""

from datetime import timedelta

import pytest

from idp.oidc.dpop_nonce import WINDOW_SECONDS, DPoPNonces
from tests.unit.oidc.samples import NOW

NONCES = DPoPNonces(b"k" * 32)


@pytest.mark.parametrize(("seconds", "is_valid"), [(0, True), (WINDOW_SECONDS, True), (2 * WINDOW_SECONDS, False)])
def test_f10_a_nonce_is_valid_for_one_to_two_windows(seconds: int, is_valid: bool) -> None:
    assert NONCES.is_valid(NONCES.current(NOW), NOW + timedelta(seconds=seconds)) is is_valid


def test_a_nonce_of_the_future_or_of_another_key_is_not_valid() -> None:
    assert not NONCES.is_valid(NONCES.current(NOW + timedelta(seconds=WINDOW_SECONDS)), NOW)
    assert not NONCES.is_valid(DPoPNonces(b"o" * 32).current(NOW), NOW)


def test_every_process_gives_the_same_nonce_in_a_window_and_another_in_the_next() -> None:
    assert DPoPNonces(b"k" * 32).current(NOW) == NONCES.current(NOW)
    assert NONCES.current(NOW) != NONCES.current(NOW + timedelta(seconds=WINDOW_SECONDS))
    assert len(NONCES.current(NOW)) == 22
