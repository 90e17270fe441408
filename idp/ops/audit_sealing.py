"""Sealing the audit log: hash-chained batches, so that a changed, removed or inserted event is found.

Whoever can write the database can also write seals anew; what they cannot reach is a digest that was printed, sent or
filed elsewhere before. The job therefore returns the newest seal, to be kept outside.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from idp.audit import AuditRecord
from idp.clock import to_epoch_seconds

FIRST_PREVIOUS_DIGEST: Final = bytes(32)
_BATCH_EVENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class SequencedEvent:
    """An audit record with its place in the order of writing."""

    sequence: int
    record: AuditRecord


@dataclass(frozen=True, slots=True)
class AuditSeal:
    """A seal over the events from ``first_sequence`` to ``last_sequence``, chained to the seal before."""

    first_sequence: int
    last_sequence: int
    previous_digest: bytes
    digest: bytes
    sealed_at: datetime


class AuditSealStore(Protocol):
    """Audit events to be sealed, and seals."""

    def find_settled_audit_sequence(self) -> int:
        """The highest sequence below which no transaction can still add an event; 0 if there is none."""
        ...

    def read_audit_events(self, first_sequence: int, last_sequence: int, limit: int) -> Sequence[SequencedEvent]:
        """At most ``limit`` events of the range, in order."""
        ...

    def find_last_audit_seal(self) -> AuditSeal | None:
        """The newest seal."""
        ...

    def insert_audit_seal(self, seal: AuditSeal) -> bool:
        """Record a seal; False if another sealer was first."""
        ...

    def read_audit_seals(self, after_sequence: int, limit: int) -> Sequence[AuditSeal]:
        """At most ``limit`` seals whose first event comes after ``after_sequence``, in order."""
        ...


class AuditChainBroken(Exception):
    """The audit log is not what was sealed; ``first_sequence`` names the first batch that differs."""

    def __init__(self, first_sequence: int, reason: str) -> None:
        super().__init__(f"the batch from audit event {first_sequence}: {reason}")
        self.first_sequence = first_sequence
        self.reason = reason


def seal_audit_events(store: AuditSealStore, now: datetime) -> AuditSeal | None:
    """Seal every event that is not sealed yet.

    Returns: the newest seal, whether made now or before; None if there was never an event.
    Effect:  one row a thousand events; run by several at once, each batch is sealed by one of them.
    """
    settled = store.find_settled_audit_sequence()
    last = store.find_last_audit_seal()
    while True:
        first_sequence = 1 if last is None else last.last_sequence + 1
        events = store.read_audit_events(first_sequence, settled, _BATCH_EVENTS)
        if not events:
            return last
        previous_digest = FIRST_PREVIOUS_DIGEST if last is None else last.digest
        digest = _digest_batch(previous_digest, events)
        seal = AuditSeal(first_sequence, events[-1].sequence, previous_digest, digest, now)
        if not store.insert_audit_seal(seal):
            return store.find_last_audit_seal()
        last = seal


def verify_audit_chain(store: AuditSealStore) -> int:
    """Establish that every sealed event is as it was when it was sealed, and none is missing or added.

    Returns: how many events are sealed and proven.
    Raises:  AuditChainBroken: the first batch that differs.
    """
    proven = 0
    previous: AuditSeal | None = None
    for seal in _all_seals(store):
        expected_first = 1 if previous is None else previous.last_sequence + 1
        expected_digest = FIRST_PREVIOUS_DIGEST if previous is None else previous.digest
        if seal.first_sequence != expected_first or seal.previous_digest != expected_digest:
            raise AuditChainBroken(expected_first, "a seal is missing")
        events = store.read_audit_events(seal.first_sequence, seal.last_sequence, _BATCH_EVENTS + 1)
        if _digest_batch(seal.previous_digest, events) != seal.digest:
            raise AuditChainBroken(seal.first_sequence, "the events differ from what was sealed")
        proven += len(events)
        previous = seal
    return proven


def _all_seals(store: AuditSealStore) -> Iterator[AuditSeal]:
    after = 0
    while seals := store.read_audit_seals(after, _BATCH_EVENTS):
        yield from seals
        after = seals[-1].first_sequence


def _digest_batch(previous_digest: bytes, events: Sequence[SequencedEvent]) -> bytes:
    digest = hashlib.sha256(previous_digest)
    for event in events:
        record = event.record
        members = [
            event.sequence,
            record.event.value,
            to_epoch_seconds(record.at),
            record.account_id,
            record.client_id,
            record.txn,
            record.outcome,
            list(record.check_ids),
        ]
        digest.update(json.dumps(members, ensure_ascii=True, separators=(",", ":")).encode("ascii"))
        digest.update(b"\n")
    return digest.digest()
