"""Audit events in order, and the seals over them."""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from typing import Final

from idp.audit import AuditEvent, AuditRecord
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.ops.audit_sealing import AuditSeal, SequencedEvent
from idp.stores.sql.column_value import split_words
from idp.stores.sql.database import Database, Row

_SETTLED: Final = "SELECT COALESCE(MAX(sequence), 0) FROM audit_events"
_READ_EVENTS: Final = """
SELECT sequence, event, at, account_id, client_id, txn, outcome, check_ids FROM audit_events
WHERE sequence >= ? AND sequence <= ? ORDER BY sequence LIMIT ?
"""
_SEAL_COLUMNS: Final = "first_sequence, last_sequence, previous_digest, digest, sealed_at"
_LAST_SEAL: Final = f"SELECT {_SEAL_COLUMNS} FROM audit_seals ORDER BY first_sequence DESC LIMIT 1"
_READ_SEALS: Final = f"SELECT {_SEAL_COLUMNS} FROM audit_seals WHERE first_sequence > ? ORDER BY first_sequence LIMIT ?"
_INSERT_SEAL: Final = f"""
INSERT INTO audit_seals ({_SEAL_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING first_sequence
"""


class AuditSeals:
    """What the sealing job reads and writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_settled_audit_sequence(self) -> int:
        """The highest sequence below which no transaction can still add an event; 0 if there is none.

        PostgreSQL gives numbers out before the commit, so the table is locked against writers for the moment of this
        read; SQLite has one writer at a time anyway.
        """
        with self._database.transaction() as transaction:
            if self._database.dialect == "postgresql":
                transaction.write("LOCK TABLE audit_events IN SHARE MODE")
            row = transaction.read_one(_SETTLED)
        assert row is not None
        return int(row[0])

    def read_audit_events(self, first_sequence: int, last_sequence: int, limit: int) -> list[SequencedEvent]:
        """At most ``limit`` events of the range, in order."""
        return [
            _read_event(row) for row in self._database.read_all(_READ_EVENTS, (first_sequence, last_sequence, limit))
        ]

    def find_last_audit_seal(self) -> AuditSeal | None:
        """The newest seal."""
        row = self._database.read_one(_LAST_SEAL)
        return None if row is None else _read_seal(row)

    def insert_audit_seal(self, seal: AuditSeal) -> bool:
        """Record a seal; False if another sealer was first."""
        row = (
            seal.first_sequence,
            seal.last_sequence,
            seal.previous_digest,
            seal.digest,
            to_epoch_seconds(seal.sealed_at),
        )
        return bool(self._database.write(_INSERT_SEAL, row))

    def read_audit_seals(self, after_sequence: int, limit: int) -> list[AuditSeal]:
        """At most ``limit`` seals whose first event comes after ``after_sequence``, in order."""
        return [_read_seal(row) for row in self._database.read_all(_READ_SEALS, (after_sequence, limit))]


def _read_event(row: Row) -> SequencedEvent:
    record = AuditRecord(
        event=AuditEvent(row[1]),
        at=from_epoch_seconds(row[2]),
        account_id=row[3],
        client_id=row[4],
        txn=row[5],
        outcome=row[6],
        check_ids=split_words(row[7]),
    )
    return SequencedEvent(row[0], record)


def _read_seal(row: Row) -> AuditSeal:
    return AuditSeal(row[0], row[1], row[2], row[3], from_epoch_seconds(row[4]))
