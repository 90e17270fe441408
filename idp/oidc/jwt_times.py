"""When a JWT that a client signed may be used: one rule for its assertions and its request objects,
and, as far as a time is stated, for what somebody says about it.

Implements RFC 7519 §4.1.4 to §4.1.6, FAPI 2.0 §5.3.2.1.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from idp.clock import from_epoch_seconds

# Widespread clients sign for an hour; the jti is remembered as long, so a longer life gains a thief nothing.
MAXIMUM_LIFETIME: Final = timedelta(hours=1)
# FAPI 2.0 §5.3.2.1: clocks a little ahead are accepted, more than 60 seconds are not.
CLOCK_SKEW: Final = timedelta(seconds=60)
_LAST_NUMERIC_DATE: Final = 253_402_300_799  # 9999-12-31, where datetime ends


class UntimelyJwt(ValueError):
    """Not valid now, or for too long; the message names the claim and repeats nothing of it."""


def check_jwt_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Check what a client signs for one use: ``exp`` has to be there, at most an hour ahead.

    Returns: when it expires; what has to happen once is remembered until CLOCK_SKEW after that.
    Raises:  UntimelyJwt.
    """
    expires_at = check_stated_times(claims, now)
    if expires_at is None:
        raise UntimelyJwt("exp is missing")
    if expires_at > now + MAXIMUM_LIFETIME + CLOCK_SKEW:
        raise UntimelyJwt("exp is more than an hour ahead")
    return expires_at


def check_stated_times(claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """Check ``exp``, ``iat`` and ``nbf`` where they stand.

    Returns: when it expires, None where it says nothing about that.
    Raises:  UntimelyJwt.
    """
    expires_at = _find_moment(claims, "exp")
    if expires_at is not None and expires_at <= now:
        raise UntimelyJwt("expired")
    for name in ("iat", "nbf"):
        moment = _find_moment(claims, name)
        if moment is not None and moment > now + CLOCK_SKEW:
            raise UntimelyJwt(f"{name} is in the future")
    return expires_at


def _find_moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_NUMERIC_DATE:
        raise UntimelyJwt(f"{name} is not a NumericDate")
    return from_epoch_seconds(math.floor(value))
