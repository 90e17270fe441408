"""A key's phases change at their exact second."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.keys.key_phase import KeyPhase, judge_phase
from idp.keys.ports import StoredSigningKey

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "phase"),
    [
        (99, KeyPhase.ANNOUNCED),
        (100, KeyPhase.SIGNING),
        (199, KeyPhase.SIGNING),
        (200, KeyPhase.RETIRED),
        (299, KeyPhase.RETIRED),
        (300, KeyPhase.WITHDRAWN),
    ],
)
def test_a_phase_begins_with_its_first_second(seconds: int, phase: KeyPhase) -> None:
    stored = StoredSigningKey("kid", "ES256", b"", "{}", at(0), at(100), at(200), at(300))
    assert judge_phase(stored, at(seconds)) is phase


def test_a_key_that_was_never_rotated_signs_for_ever() -> None:
    stored = StoredSigningKey("kid", "ES256", b"", "{}", at(0), at(0), None, None)
    assert judge_phase(stored, START + timedelta(days=36_500)) is KeyPhase.SIGNING
