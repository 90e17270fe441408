"""The purge, batch by batch."""

from collections.abc import Mapping
from datetime import UTC, datetime

from idp.ops.purge import purge

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Durable:
    def __init__(self, **rows: int) -> None:
        self.rows = rows

    def purge_expired(self, now: datetime, limit: int) -> Mapping[str, int]:
        deleted = {table: min(count, limit) for table, count in self.rows.items()}
        for table, count in deleted.items():
            self.rows[table] -= count
        return deleted


class Transient:
    def __init__(self, rows: int) -> None:
        self.rows = rows

    def purge(self, now: datetime, limit: int) -> int:
        deleted = min(self.rows, limit)
        self.rows -= deleted
        return deleted


def test_everything_that_has_expired_goes_in_batches_and_is_counted() -> None:
    counts = purge(Durable(grants=5, access_tokens=2), Transient(7), NOW, batch_rows=2)
    assert counts == {"grants": 5, "access_tokens": 2, "transient": 7}


def test_one_run_ends_after_its_batches_and_the_next_goes_on() -> None:
    durable, transient = Durable(grants=5), Transient(5)
    assert purge(durable, transient, NOW, batch_rows=2, most_batches=1) == {"grants": 2, "transient": 2}
    assert purge(durable, transient, NOW, batch_rows=2) == {"grants": 3, "transient": 3}
