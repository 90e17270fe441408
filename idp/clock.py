"""The time, as a value that is passed in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment of this machine.

    Returns: an aware UTC datetime.
    """
    return datetime.now(UTC)


def to_epoch_seconds(moment: datetime) -> int:
    """A moment as whole seconds since 1970, the form it has in tables and in NumericDate claims.

    Takes:  an aware datetime.
    Source: RFC 7519 §2, NumericDate.
    """
    return int(moment.timestamp())


def from_epoch_seconds(seconds: int) -> datetime:
    """The aware UTC datetime of a number of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
