"""The last run is remembered for whoever asks, of any worker and of a neighbouring version."""

import json
from datetime import UTC, datetime, timedelta

from idp.ops.recheck_report import RecheckReport, RecheckRun
from idp.ops.revocation_recheck import RecheckOutcome
from tests.unit.ops.test_revocation_sweep import MemoryNotes

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_the_last_of_two_runs_is_found_by_another_worker() -> None:
    notes = MemoryNotes()
    assert RecheckReport(notes).find_last(NOW) is None
    RecheckReport(notes).record(RecheckOutcome(good_count=1), NOW)
    RecheckReport(notes).record(RecheckOutcome(good_count=2, left_count=3), NOW + timedelta(minutes=5))
    found = RecheckReport(notes).find_last(NOW + timedelta(hours=1))
    assert found == RecheckRun(NOW + timedelta(minutes=5), RecheckOutcome(good_count=2, left_count=3), 1)


def test_runs_in_a_row_that_did_not_come_to_everybody_are_counted() -> None:
    report = RecheckReport(MemoryNotes())
    counted = []
    for left_count in (0, 3, 2, 1, 0, 4):
        report.record(RecheckOutcome(left_count=left_count), NOW)
        last = report.find_last(NOW)
        assert last is not None
        counted.append(last.runs_that_left)
    assert counted == [0, 1, 2, 3, 0, 1]


def test_what_another_version_counted_is_no_fault() -> None:
    notes = MemoryNotes()
    value = json.dumps([int(NOW.timestamp()), {"good_count": 7, "later_count": 1}]).encode()
    notes.insert("recheck", "last-run", value, NOW + timedelta(days=1), NOW)
    assert RecheckReport(notes).find_last(NOW) == RecheckRun(NOW, RecheckOutcome(good_count=7), 0)
