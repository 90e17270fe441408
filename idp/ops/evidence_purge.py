"""Deleting evidence whose time is over, with a proof of deletion in the audit log."""

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from idp.audit import AuditEvent, AuditRecord, AuditWriter

_BATCH_ROWS: Final = 500
_MOST_BATCHES: Final = 200


class EvidenceDeletion(AuditWriter, Protocol):
    """One durable transaction that deletes evidence and says so."""

    def delete_expired_evidence(self, now: datetime, limit: int) -> tuple[tuple[str, str], ...]:
        """Delete at most ``limit`` records that have expired and are not held; (txn, client_id) of each."""
        ...


class EvidencePurge(Protocol):
    """Where evidence is."""

    def writing(self) -> AbstractContextManager[EvidenceDeletion]:
        """One durable transaction."""
        ...


def purge_evidence(
    store: EvidencePurge, now: datetime, batch_rows: int = _BATCH_ROWS, most_batches: int = _MOST_BATCHES
) -> int:
    """Delete all evidence that has expired and is not held.

    Returns: how many records went.
    Effect:  in the transaction of each batch, one audit event a client with count and digest of what went.
    """
    total = 0
    for _ in range(most_batches):
        with store.writing() as writer:
            deleted = writer.delete_expired_evidence(now, batch_rows)
            audit_deletion(writer, deleted, now)
        total += len(deleted)
        if len(deleted) < batch_rows:
            break
    return total


def audit_deletion(writer: AuditWriter, deleted: Iterable[tuple[str, str]], now: datetime) -> None:
    """Record the proof that evidence was deleted: for each client how many, and the digest over which.

    Takes: (txn, client_id) of each record, in any order.
    """
    by_client: dict[str, list[str]] = {}
    for txn, client_id in deleted:
        by_client.setdefault(client_id, []).append(txn)
    for client_id, txns in sorted(by_client.items()):
        outcome = f"{len(txns)} sha256:{deletion_digest(txns)}"
        writer.append_audit(AuditRecord(AuditEvent.EVIDENCE_DELETED, now, client_id=client_id, outcome=outcome))


def deletion_digest(txns: Iterable[str]) -> str:
    """SHA-256, in hexadecimal, over the ``txn`` values in ascending order, each followed by a line feed."""
    return hashlib.sha256("".join(f"{txn}\n" for txn in sorted(txns)).encode("utf-8")).hexdigest()
