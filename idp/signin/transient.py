"""The port for state that may be lost: losing it voids sign-ins in flight, nothing more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TransientRecord:
    """A stored value with the version by which the next writer proves that it has seen it."""

    value: bytes
    version: int
    expires_at: datetime


class TransientStore(Protocol):
    """Short-lived records under (kind, key); every method is one atomic statement.

    Expired records are as if absent. ``kind`` is a short constant, ``key`` at most 128 characters.
    """

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new record (version 1); False if the key is there already and not expired."""
        ...

    def find(self, kind: str, key: str, now: datetime) -> TransientRecord | None:
        """The record, if it is there."""
        ...

    def take(self, kind: str, key: str, now: datetime) -> TransientRecord | None:
        """Read and delete; of many callers one gets it."""
        ...

    def replace(self, kind: str, key: str, version: int, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new value if the record still has ``version``; of many callers one gets True."""
        ...

    def count(self, kind: str, key: str, amount: int, expires_at: datetime, now: datetime) -> int:
        """Add to a counter that starts at 0 and ends at the first ``expires_at`` given; the sum after adding."""
        ...

    def purge(self, now: datetime, limit: int) -> int:
        """Delete at most ``limit`` expired records; how many went."""
        ...
