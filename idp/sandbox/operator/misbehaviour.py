"""How the operator may fail on request, so that every consequence can be tried."""

import time
from collections.abc import Callable, Iterator
from typing import Final, Literal

Misbehaviour = Literal["none", "late", "slow", "garbage", "error", "refused", "wrong-person", "other-request"]
MISBEHAVIOURS: Final[tuple[Misbehaviour, ...]] = (
    "none",
    "late",
    "slow",
    "garbage",
    "error",
    "refused",
    "wrong-person",
    "other-request",
)
_LATE_SECONDS: Final = 30


def drip(body: bytes, sleep: Callable[[float], None] = time.sleep) -> Iterator[bytes]:
    """A body, a byte a second."""
    for position in range(len(body)):
        sleep(1)
        yield body[position : position + 1]


def wait_long(sleep: Callable[[float], None] = time.sleep) -> None:
    """Longer than anybody waits."""
    sleep(_LATE_SECONDS)
