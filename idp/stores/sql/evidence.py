"""Evidence records, apart from the grants, accounts and clients that they tell of."""

# ruff: noqa: S608 - statements are made of constants of this module; every value is a parameter

from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.signin.evidence_record import EvidenceRecord, certificates_from_json, certificates_to_json
from idp.stores.sql.column_value import (
    from_optional_seconds,
    is_storable,
    join_words,
    split_words,
    to_optional_seconds,
)
from idp.stores.sql.database import Row, Statements

_COLUMNS: Final = (
    "txn, client_id, account_id, sub, certificates, claim_names, consent_items, statement_hash, sealed, recorded_at, "
    "expires_at, held_at"
)
_INSERT: Final = f"INSERT INTO evidence ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FIND: Final = f"SELECT {_COLUMNS} FROM evidence WHERE txn = ? AND (expires_at > ? OR held_at IS NOT NULL)"
_FIND_ACCOUNT: Final = f"SELECT {_COLUMNS} FROM evidence WHERE account_id = ? ORDER BY recorded_at, txn"
_HOLD: Final = "UPDATE evidence SET held_at = COALESCE(held_at, ?) WHERE txn = ? RETURNING client_id, account_id"
_RELEASE: Final = (
    "UPDATE evidence SET held_at = NULL WHERE txn = ? AND held_at IS NOT NULL RETURNING client_id, account_id"
)
_DELETE_EXPIRED: Final = """
DELETE FROM evidence WHERE held_at IS NULL AND expires_at <= ? AND txn IN (
    SELECT txn FROM evidence WHERE expires_at <= ? AND held_at IS NULL ORDER BY expires_at LIMIT ?
)
RETURNING txn, client_id
"""
_DELETE_ACCOUNT: Final = """
DELETE FROM evidence WHERE account_id = ? AND held_at IS NULL AND sealed IS NULL RETURNING txn, client_id
"""


class EvidenceReads:
    """What is asked of evidence outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_evidence(self, txn: str, now: datetime) -> EvidenceRecord | None:
        """The record of a sign-in; None if there is none, or if it has expired and is not held."""
        return _find(self._statements, txn, now)

    def find_account_evidence(self, account_id: str) -> tuple[EvidenceRecord, ...]:
        """All records about a person, oldest first, so that the person can be told what stays, why and until when."""
        return tuple(_read(row) for row in self._statements.read_all(_FIND_ACCOUNT, (account_id,)))


class EvidenceWrites:
    """What a durable transaction does with evidence."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_evidence(self, record: EvidenceRecord) -> None:
        """Keep a record. Raises: StoreConflict: there is one of this ``txn``."""
        self._statements.write(
            _INSERT,
            (
                record.txn,
                record.client_id,
                record.account_id,
                record.sub,
                certificates_to_json(record.certificates),
                join_words(record.claim_names),
                join_words(record.consent_items),
                record.statement_hash,
                record.sealed,
                to_epoch_seconds(record.recorded_at),
                to_epoch_seconds(record.expires_at),
                to_optional_seconds(record.held_at),
            ),
        )

    def find_evidence(self, txn: str, now: datetime) -> EvidenceRecord | None:
        """The same inside the transaction that records the reading."""
        return _find(self._statements, txn, now)

    def hold_evidence(self, txn: str, now: datetime) -> tuple[str, str] | None:
        """Put a record under legal hold; (client_id, account_id), or None if there is none. Once held stays held."""
        rows = self._statements.write(_HOLD, (to_epoch_seconds(now), txn)) if is_storable(txn) else []
        return (rows[0][0], rows[0][1]) if rows else None

    def release_evidence(self, txn: str) -> tuple[str, str] | None:
        """End a record's legal hold; (client_id, account_id), or None if it is not held."""
        rows = self._statements.write(_RELEASE, (txn,)) if is_storable(txn) else []
        return (rows[0][0], rows[0][1]) if rows else None

    def delete_expired_evidence(self, now: datetime, limit: int) -> tuple[tuple[str, str], ...]:
        """Delete at most ``limit`` records that have expired and are not held; (txn, client_id) of each."""
        seconds = to_epoch_seconds(now)
        return tuple((row[0], row[1]) for row in self._statements.write(_DELETE_EXPIRED, (seconds, seconds, limit)))

    def delete_account_evidence(self, account_id: str) -> tuple[tuple[str, str], ...]:
        """Delete what is kept about a person without a hold and without a client's legal basis; (txn, client_id)."""
        return tuple((row[0], row[1]) for row in self._statements.write(_DELETE_ACCOUNT, (account_id,)))


def _find(statements: Statements, txn: str, now: datetime) -> EvidenceRecord | None:
    if not is_storable(txn):
        return None
    row = statements.read_one(_FIND, (txn, to_epoch_seconds(now)))
    return None if row is None else _read(row)


def _read(row: Row) -> EvidenceRecord:
    return EvidenceRecord(
        txn=row[0],
        client_id=row[1],
        account_id=row[2],
        sub=row[3],
        certificates=certificates_from_json(row[4]),
        claim_names=split_words(row[5]),
        consent_items=split_words(row[6]),
        statement_hash=None if row[7] is None else bytes(row[7]),
        sealed=row[8],
        recorded_at=from_epoch_seconds(row[9]),
        expires_at=from_epoch_seconds(row[10]),
        held_at=from_optional_seconds(row[11]),
    )
