"""When a JWT of a client's may be used, to the second."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.clock import to_epoch_seconds
from idp.oidc.jwt_times import CLOCK_SKEW, MAXIMUM_LIFETIME, UntimelyJwt, check_jwt_times, check_stated_times

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECONDS = to_epoch_seconds(NOW)
LONGEST = SECONDS + int((MAXIMUM_LIFETIME + CLOCK_SKEW).total_seconds())


def is_refused(claims: dict[str, Any], *, for_one_use: bool = True) -> bool:
    try:
        (check_jwt_times if for_one_use else check_stated_times)(claims, NOW)
    except UntimelyJwt:
        return True
    return False


@pytest.mark.parametrize(("exp", "refused"), [(SECONDS - 1, True), (SECONDS, True), (SECONDS + 1, False)])
@pytest.mark.parametrize("for_one_use", [True, False])
def test_what_has_expired_is_refused(exp: int, refused: bool, for_one_use: bool) -> None:
    assert is_refused({"exp": exp}, for_one_use=for_one_use) is refused


def test_what_is_for_one_use_expires_within_the_hour() -> None:
    assert check_jwt_times({"exp": LONGEST}, NOW) == NOW + MAXIMUM_LIFETIME + CLOCK_SKEW
    assert is_refused({"exp": LONGEST + 1})
    assert is_refused({})
    assert is_refused({"exp": None})


def test_what_is_kept_says_how_long_or_nothing() -> None:
    assert check_stated_times({}, NOW) is None
    assert check_stated_times({"exp": SECONDS + 10 * 365 * 86_400}, NOW) == NOW + timedelta(days=3650)


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize("for_one_use", [True, False])
def test_a_clock_may_be_a_minute_ahead(name: str, for_one_use: bool) -> None:
    exp = SECONDS + 300
    assert not is_refused({"exp": exp, name: SECONDS + 60}, for_one_use=for_one_use)
    assert is_refused({"exp": exp, name: SECONDS + 61}, for_one_use=for_one_use)
    assert not is_refused({"exp": exp, name: SECONDS - 86_400}, for_one_use=for_one_use)


@pytest.mark.parametrize("value", [True, "1900000000", [], {}, -1, 253_402_300_800, 1e300, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("for_one_use", [True, False])
def test_what_is_no_moment_is_refused(name: str, value: object, for_one_use: bool) -> None:
    assert is_refused({"exp": SECONDS + 300, name: value}, for_one_use=for_one_use)


def test_a_fraction_of_a_second_expires_with_its_second() -> None:
    assert check_jwt_times({"exp": SECONDS + 1.9}, NOW) == NOW + timedelta(seconds=1)
    assert is_refused({"exp": SECONDS + 0.9})
