"""Deleting what has expired, in small batches, so that no request waits long for a purge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

_BATCH_ROWS: Final = 500
_MOST_BATCHES: Final = 200
TRANSIENT: Final = "transient"


class DurablePurge(Protocol):
    """Durable tables with rows that end."""

    def purge_expired(self, now: datetime, limit: int) -> Mapping[str, int]:
        """Delete at most ``limit`` expired rows of each table; how many went, by table."""
        ...


class TransientPurge(Protocol):
    """Transient records."""

    def purge(self, now: datetime, limit: int) -> int:
        """Delete at most ``limit`` expired records; how many went."""
        ...


def purge(
    durable: DurablePurge,
    transient: TransientPurge,
    now: datetime,
    batch_rows: int = _BATCH_ROWS,
    most_batches: int = _MOST_BATCHES,
) -> dict[str, int]:
    """Delete every expired row, durable and transient; safe to run anywhere, at any time, by several at once.

    Returns: how many rows went, by table; ``transient`` counts the transient records. What ``most_batches`` leaves
             behind goes at the next run.
    """
    counts: dict[str, int] = {}
    for _ in range(most_batches):
        deleted = durable.purge_expired(now, batch_rows)
        for table, count in deleted.items():
            counts[table] = counts.get(table, 0) + count
        if all(count < batch_rows for count in deleted.values()):
            break
    counts[TRANSIENT] = 0
    for _ in range(most_batches):
        count = transient.purge(now, batch_rows)
        counts[TRANSIENT] += count
        if count < batch_rows:
            break
    return counts
