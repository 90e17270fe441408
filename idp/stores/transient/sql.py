"""Transient records and counters in SQL: every method is one atomic statement, committed by itself.

An insertion takes the place of an expired record that was not purged yet; whichever of two callers comes second finds a
record that has not expired.
"""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.signin.transient import TransientRecord
from idp.stores.sql.database import Database, Row

_INSERT: Final = """
INSERT INTO transient_records_1 (kind, key, value, version, expires_at) VALUES (?, ?, ?, 1, ?)
ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, version = 1, expires_at = excluded.expires_at
WHERE transient_records_1.expires_at <= ?
RETURNING version
"""
_INSERT_ONCE: Final = """
INSERT INTO transient_records_1 (kind, key, value, version, expires_at) VALUES (?, ?, ?, 1, ?)
ON CONFLICT (kind, key) DO NOTHING
RETURNING version
"""
_FIND: Final = """
SELECT value, version, expires_at FROM transient_records_1 WHERE kind = ? AND key = ? AND expires_at > ?
"""
_TAKE: Final = """
DELETE FROM transient_records_1 WHERE kind = ? AND key = ? AND expires_at > ? RETURNING value, version, expires_at
"""
_REPLACE: Final = """
UPDATE transient_records_1 SET value = ?, version = version + 1, expires_at = ?
WHERE kind = ? AND key = ? AND version = ? AND expires_at > ?
RETURNING version
"""
_COUNT: Final = """
INSERT INTO transient_counters_1 (kind, key, total, expires_at) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET
    total = CASE WHEN transient_counters_1.expires_at <= ? THEN excluded.total
                 ELSE transient_counters_1.total + excluded.total END,
    expires_at = CASE WHEN transient_counters_1.expires_at <= ? THEN excluded.expires_at
                      ELSE transient_counters_1.expires_at END
RETURNING total
"""
_PURGE: Final = tuple(
    f"DELETE FROM {table} WHERE expires_at <= ? AND (kind, key) IN "
    f"(SELECT kind, key FROM {table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING 1"
    for table in ("transient_records_1", "transient_counters_1")
)


class SqlTransientStore:
    """Satisfies the transient port of ``signin`` and the once-only port of ``oidc``.

    Keys are stored as bytes, since some come from outside and may hold what a text column cannot.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new record (version 1); False if the key is there already and not expired."""
        row = (kind, _key(key), value, to_epoch_seconds(expires_at), to_epoch_seconds(now))
        return bool(self._database.write(_INSERT, row))

    def find(self, kind: str, key: str, now: datetime) -> TransientRecord | None:
        """The record, if it is there."""
        row = self._database.read_one(_FIND, (kind, _key(key), to_epoch_seconds(now)))
        return None if row is None else _read(row)

    def take(self, kind: str, key: str, now: datetime) -> TransientRecord | None:
        """Read and delete; of many callers one gets it."""
        rows = self._database.write(_TAKE, (kind, _key(key), to_epoch_seconds(now)))
        return _read(rows[0]) if rows else None

    def replace(self, kind: str, key: str, version: int, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new value if the record still has ``version``; of many callers one gets True."""
        row = (value, to_epoch_seconds(expires_at), kind, _key(key), version, to_epoch_seconds(now))
        return bool(self._database.write(_REPLACE, row))

    def count(self, kind: str, key: str, amount: int, expires_at: datetime, now: datetime) -> int:
        """Add to a counter that starts at 0 and ends at the first ``expires_at`` given; the sum after adding."""
        seconds = to_epoch_seconds(now)
        row = (kind, _key(key), amount, to_epoch_seconds(expires_at), seconds, seconds)
        return int(self._database.write(_COUNT, row)[0][0])

    def purge(self, now: datetime, limit: int) -> int:
        """Delete at most ``limit`` expired records, counters included; how many went."""
        seconds = to_epoch_seconds(now)
        deleted = 0
        for sql in _PURGE:
            deleted += len(self._database.write(sql, (seconds, seconds, limit - deleted)))
        return deleted

    def insert_once(self, kind: str, key: str, expires_at: datetime) -> bool:
        """Remember the key until ``expires_at``; of many callers one gets True.

        Stricter: until it is purged, for there is no clock here that could say it has expired.
        """
        return bool(self._database.write(_INSERT_ONCE, (kind, _key(key), b"", to_epoch_seconds(expires_at))))

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._database.close()


def _key(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _read(row: Row) -> TransientRecord:
    return TransientRecord(value=row[0], version=row[1], expires_at=from_epoch_seconds(row[2]))
