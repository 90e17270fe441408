"""Seals over the audit log, on a store in memory; the contracts ask the same of the engines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.ops.audit_sealing import (
    FIRST_PREVIOUS_DIGEST,
    AuditChainBroken,
    AuditSeal,
    SequencedEvent,
    seal_audit_events,
    verify_audit_chain,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Log:
    def __init__(self, count: int) -> None:
        self.events = [
            SequencedEvent(number, AuditRecord(AuditEvent.SIGNED_IN, NOW, f"account-{number}", txn="txn"))
            for number in range(1, count + 1)
        ]
        self.seals: list[AuditSeal] = []

    def find_settled_audit_sequence(self) -> int:
        return self.events[-1].sequence if self.events else 0

    def read_audit_events(self, first_sequence: int, last_sequence: int, limit: int) -> Sequence[SequencedEvent]:
        return [each for each in self.events if first_sequence <= each.sequence <= last_sequence][:limit]

    def find_last_audit_seal(self) -> AuditSeal | None:
        return self.seals[-1] if self.seals else None

    def insert_audit_seal(self, seal: AuditSeal) -> bool:
        self.seals.append(seal)
        return True

    def read_audit_seals(self, after_sequence: int, limit: int) -> Sequence[AuditSeal]:
        return [each for each in self.seals if each.first_sequence > after_sequence][:limit]


def test_more_events_than_a_batch_get_several_chained_seals() -> None:
    log = Log(2500)
    newest = seal_audit_events(log, NOW)
    assert [seal.last_sequence for seal in log.seals] == [1000, 2000, 2500]
    assert log.seals[0].previous_digest == FIRST_PREVIOUS_DIGEST
    assert log.seals[1].previous_digest == log.seals[0].digest
    assert newest == log.seals[-1]
    assert verify_audit_chain(log) == 2500


def test_gaps_in_the_numbers_are_no_fault() -> None:
    log = Log(5)
    del log.events[2]
    seal_audit_events(log, NOW)
    assert verify_audit_chain(log) == 4


@pytest.mark.parametrize(
    "changes", [{"account_id": "x"}, {"txn": None}, {"outcome": "x"}, {"client_id": "c"}, {"check_ids": ("a",)}]
)
def test_any_changed_member_of_an_event_breaks_the_chain(changes: dict[str, object]) -> None:
    log = Log(3)
    seal_audit_events(log, NOW)
    log.events[1] = replace(log.events[1], record=replace(log.events[1].record, **changes))
    with pytest.raises(AuditChainBroken):
        verify_audit_chain(log)


def test_an_event_put_in_afterwards_breaks_the_chain() -> None:
    log = Log(3)
    log.events[2] = replace(log.events[2], sequence=4)
    seal_audit_events(log, NOW)
    log.events.insert(2, SequencedEvent(3, AuditRecord(AuditEvent.SIGNED_IN, NOW)))
    with pytest.raises(AuditChainBroken):
        verify_audit_chain(log)


def test_a_loser_among_two_sealers_answers_the_winners_seal() -> None:
    log = Log(3)
    seal_audit_events(log, NOW)
    winner = log.seals[0]

    class Late(Log):
        def find_last_audit_seal(self) -> AuditSeal | None:
            answer, self.seals = (self.seals[-1] if self.seals else None), [winner]
            return answer

        def insert_audit_seal(self, seal: AuditSeal) -> bool:
            return False

    assert seal_audit_events(Late(3), NOW) == winner
