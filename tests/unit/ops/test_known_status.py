"""A credential of which no list tells rests on what was asked about it, every other one on the lists."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.oidc.status_time import newest_status
from idp.ops.known_status import KnownStatus, RecheckedStatus
from idp.ops.swept_status import SweptStatus
from tests.unit.ops.test_revocation_sweep import MemoryNotes

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Rechecked:
    def __init__(self, status: RecheckedStatus) -> None:
        self.status = status

    def find_rechecked_status(self, credential_id: str) -> RecheckedStatus:
        assert credential_id == "credential"
        return self.status


def swept(as_of: datetime) -> SweptStatus:
    status = SweptStatus(MemoryNotes())
    status.record(as_of, NOW)
    return status


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (RecheckedStatus(True, NOW - HOUR), NOW - HOUR),
        (RecheckedStatus(True, None), None),
        (RecheckedStatus(False, None), NOW),
        # Asked about once, listed since: the list tells of it as of all.
        (RecheckedStatus(False, NOW - HOUR), NOW),
    ],
)
def test_lists_speak_for_a_credential_only_where_nobody_has_to_be_asked_about_it(own, expected):
    assert KnownStatus(swept(NOW), Rechecked(own)).find_status_time("credential", NOW) == expected


def test_without_lists_only_answers_about_the_credential_itself_count():
    known = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW)))
    assert known.find_status_time("credential", NOW) == NOW
    assert KnownStatus(None, Rechecked(RecheckedStatus(False, NOW))).find_status_time("credential", NOW) is None


def test_nothing_is_asked_while_what_the_card_brought_is_young_enough():
    class Nobody:
        def find_status_time(self, credential_id: str, now: datetime) -> datetime | None:
            raise AssertionError

    assert newest_status(NOW - HOUR, "credential", Nobody(), HOUR, NOW) == NOW - HOUR
    assert newest_status(None, "credential", Nobody(), HOUR, NOW) is None


def test_the_newest_of_all_looks_counts():
    known = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW - HOUR)))
    assert newest_status(NOW - 3 * HOUR, "credential", known, 2 * HOUR, NOW) == NOW - HOUR
    older = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW - 4 * HOUR)))
    assert newest_status(NOW - 3 * HOUR, "credential", older, 2 * HOUR, NOW) == NOW - 3 * HOUR
