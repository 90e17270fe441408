"""A list is brought up to date whole, never back in time, by one process at a time."""

import fcntl
from pathlib import Path

import pytest

from idp.jpki.crl_index import index_path, open_index
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.trust_anchors import TrustAnchors
from idp.ops.revocation_refresh import CrlFeed, RefreshOutcome, refresh_revocation
from tests.unit.jpki.certificates import NOW, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR, RevocationList

FIRST = trust().anchors[0]
ONE = TrustAnchors([FIRST])


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


class Down:
    def read(self) -> bytes:
        raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "host is down")


def refresh(directory: Path, source: Bytes | Down | RevocationList) -> RefreshOutcome:
    found = Bytes(source.der()) if isinstance(source, RevocationList) else source
    (outcome,) = refresh_revocation(ONE, {FIRST.issuer_key_id: [CrlFeed(found)]}, directory, NOW)
    return outcome


def number_in_use(directory: Path) -> int:
    return open_index(index_path(directory, FIRST.issuer_key_id)).crl_number


def test_the_first_list_is_taken(tmp_path):
    outcome = refresh(tmp_path / "new", RevocationList())
    assert (outcome.state, outcome.next_update) == ("updated", NOW + 24 * HOUR)
    assert number_in_use(tmp_path / "new") == 10


def test_a_newer_list_replaces_it(tmp_path):
    refresh(tmp_path, RevocationList())
    assert refresh(tmp_path, RevocationList(number=11, this_update=NOW)).state == "updated"
    assert number_in_use(tmp_path) == 11


def test_the_same_list_changes_nothing(tmp_path):
    refresh(tmp_path, RevocationList())
    assert refresh(tmp_path, RevocationList()).state == "unchanged"


@pytest.mark.parametrize(
    "older",
    [
        RevocationList(number=9, this_update=NOW),
        RevocationList(number=11, this_update=NOW - 2 * HOUR),
        RevocationList(number=10, this_update=NOW),
    ],
    ids=["older number", "older date", "same number, other date"],
)
def test_a_list_never_goes_back_in_time(tmp_path, older: RevocationList):
    refresh(tmp_path, RevocationList())
    outcome = refresh(tmp_path, older)
    assert (outcome.state, outcome.next_update) == ("refused", NOW + 24 * HOUR)
    assert number_in_use(tmp_path) == 10


@pytest.mark.parametrize("source", [Down(), Bytes(b"noise"), RevocationList(key=rsa_key("forger"), number=11)])
def test_what_cannot_be_used_leaves_the_list_in_place(tmp_path, source):
    refresh(tmp_path, RevocationList())
    assert refresh(tmp_path, source).state == "refused"
    assert number_in_use(tmp_path) == 10


def test_a_damaged_index_is_made_anew(tmp_path):
    refresh(tmp_path, RevocationList())
    index_path(tmp_path, FIRST.issuer_key_id).write_bytes(b"noise")
    assert refresh(tmp_path, RevocationList()).state == "updated"
    assert number_in_use(tmp_path) == 10


def test_an_anchor_without_source_is_reported(tmp_path):
    (outcome,) = refresh_revocation(ONE, {}, tmp_path, NOW)
    assert (outcome.state, outcome.next_update) == ("no_source", None)


def test_one_authoritys_trouble_does_not_touch_the_others(tmp_path):
    feeds = {trust().anchors[1].issuer_key_id: [CrlFeed(Down())], FIRST.issuer_key_id: [CrlFeed(Bytes(RevocationList().der()))]}
    outcomes = refresh_revocation(trust(), feeds, tmp_path, NOW)
    assert [outcome.state for outcome in outcomes] == ["updated", "refused", "no_source"]


def test_a_second_refresher_leaves_at_once(tmp_path):
    with (tmp_path / ".refresh.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refresh(tmp_path, Down()).state == "busy"
    assert refresh(tmp_path, RevocationList()).state == "updated"
