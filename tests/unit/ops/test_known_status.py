"""A credential of which no list tells rests on what was asked about it, every other one on the lists."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.jpki.status_coverage import UNLISTED, WHOLE_AUTHORITY, StatusCoverage
from idp.oidc.status_time import newest_status
from idp.ops.known_status import KnownStatus, RecheckedStatus
from idp.ops.swept_status import SweptStatus
from tests.unit.ops.test_revocation_sweep import MemoryNotes

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LISTS = StatusCoverage(listed={b"authority": [WHOLE_AUTHORITY]})
TOWN_ONLY = StatusCoverage(frozenset([b"authority"]), {b"authority": [b"town"]})
OF_TOWN = TOWN_ONLY.name_lists(b"authority", [b"town"])


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
    assert KnownStatus(swept(NOW), Rechecked(own), LISTS).find_status_time("credential", NOW) == expected


@pytest.mark.parametrize(
    ("listed_by", "coverage", "is_told_of"),
    [
        (OF_TOWN, TOWN_ONLY, True),
        # Nobody is asked about it again, or its serial number was forgotten.
        (UNLISTED, TOWN_ONLY, False),
        # Last shown before this was noted.
        (None, TOWN_ONLY, False),
        (None, LISTS, True),
        (UNLISTED, LISTS, False),
        # Its town's list, or another one of its authority, is not configured any more.
        (OF_TOWN, StatusCoverage(frozenset([b"authority"]), {b"authority": [b"other town"]}), False),
        (OF_TOWN, StatusCoverage(frozenset([b"authority"])), False),
        (OF_TOWN, StatusCoverage(frozenset([b"authority"]), {b"other": [b"town"]}), False),
    ],
)
def test_a_list_speaks_only_for_a_card_of_which_it_tells(listed_by, coverage, is_told_of):
    known = KnownStatus(swept(NOW), Rechecked(RecheckedStatus(False, None, listed_by)), coverage)
    assert known.find_status_time("credential", NOW) == (NOW if is_told_of else None)


def test_without_lists_only_answers_about_the_credential_itself_count():
    known = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW)), LISTS)
    assert known.find_status_time("credential", NOW) == NOW
    assert KnownStatus(None, Rechecked(RecheckedStatus(False, NOW)), LISTS).find_status_time("credential", NOW) is None


def test_nothing_is_asked_while_what_the_card_brought_is_young_enough():
    class Nobody:
        def find_status_time(self, credential_id: str, now: datetime) -> datetime | None:
            raise AssertionError

    assert newest_status(NOW - HOUR, "credential", Nobody(), HOUR, NOW) == NOW - HOUR
    assert newest_status(None, "credential", Nobody(), HOUR, NOW) is None


def test_the_newest_of_all_looks_counts():
    known = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW - HOUR)), LISTS)
    assert newest_status(NOW - 3 * HOUR, "credential", known, 2 * HOUR, NOW) == NOW - HOUR
    older = KnownStatus(None, Rechecked(RecheckedStatus(True, NOW - 4 * HOUR)), LISTS)
    assert newest_status(NOW - 3 * HOUR, "credential", older, 2 * HOUR, NOW) == NOW - 3 * HOUR
