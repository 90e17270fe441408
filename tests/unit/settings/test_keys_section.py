"""[keys]: a pace at which no client meets a key that it could not know."""

import pytest
from pydantic import ValidationError

from idp.settings.card_section import KeysSection


def refused(**members: object) -> set[tuple[object, ...]]:
    with pytest.raises(ValidationError) as refusal:
        KeysSection(**members)
    return {tuple(error["loc"]) for error in refusal.value.errors()}


def test_an_announcement_outlasts_the_cache_of_the_jwk_set() -> None:
    assert refused(announce_seconds=899) == {("announce_seconds",)}
    assert KeysSection(announce_seconds=900).announce_seconds == 900


def test_a_key_signs_for_more_than_two_announcements_or_until_somebody_rotates() -> None:
    assert refused(rotation_seconds=172_800) == {("announce_seconds",)}
    assert refused(rotation_seconds=1800, announce_seconds=900) == {("announce_seconds",)}
    assert KeysSection(rotation_seconds=172_801).rotation_seconds == 172_801
    assert KeysSection(rotation_seconds=0, announce_seconds=900).rotation_seconds == 0


@pytest.mark.parametrize("name", ["rotation_seconds", "retire_seconds"])
def test_a_time_is_not_negative(name: str) -> None:
    assert refused(**{name: -1})
