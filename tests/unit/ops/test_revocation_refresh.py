"""A list is brought up to date whole, never back in time, by one process at a time."""

import fcntl
from pathlib import Path

import pytest
from cryptography import x509

from idp.jpki.crl_index import index_path, open_index
from idp.jpki.crl_partition import partition_id
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.trust_anchors import TrustAnchors
from idp.ops.revocation_refresh import CrlFeed, RefreshOutcome, refresh_revocation
from tests.unit.jpki.certificates import NOW, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR, RevocationList
from tests.unit.jpki.test_crl_partition import CHIYODA, SHINJUKU, partition_list

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
    feeds = {
        trust().anchors[1].issuer_key_id: [CrlFeed(Down())],
        FIRST.issuer_key_id: [CrlFeed(Bytes(RevocationList().der()))],
    }
    outcomes = refresh_revocation(trust(), feeds, tmp_path, NOW)
    assert [outcome.state for outcome in outcomes] == ["updated", "refused", "no_source"]


def test_a_second_refresher_leaves_at_once(tmp_path):
    with (tmp_path / ".refresh.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refresh(tmp_path, Down()).state == "busy"
    assert refresh(tmp_path, RevocationList()).state == "updated"


def feed(complete: RevocationList, delta: RevocationList | Down | None = None) -> CrlFeed:
    source = Bytes(delta.der()) if isinstance(delta, RevocationList) else delta
    return CrlFeed(Bytes(complete.der()), delta=source)


def refresh_feeds(directory: Path, *feeds: CrlFeed) -> tuple[RefreshOutcome, ...]:
    return refresh_revocation(ONE, {FIRST.issuer_key_id: feeds}, directory, NOW)


def delta(number: int = 15, base: int = 10, **changes: object) -> RevocationList:
    return RevocationList(serials=[77], number=number, more=[(x509.DeltaCRLIndicator(base), True)], **changes)


def numbers_in_use(directory: Path) -> tuple[int, int]:
    index = open_index(index_path(directory, FIRST.issuer_key_id))
    return index.crl_number, index.base_number


def test_a_delta_brings_the_list_up_to_date(tmp_path):
    (outcome,) = refresh_feeds(tmp_path, feed(RevocationList(), delta()))
    assert (outcome.state, numbers_in_use(tmp_path)) == ("updated", (15, 10))
    assert open_index(index_path(tmp_path, FIRST.issuer_key_id)).is_revoked(bytes([77]))
    (outcome,) = refresh_feeds(tmp_path, feed(RevocationList(), delta()))
    assert outcome.state == "unchanged"


@pytest.mark.parametrize("broken", [Down(), RevocationList(), delta(key=rsa_key("forger")), delta(base=11)])
def test_without_its_delta_a_list_is_taken_and_the_trouble_reported(tmp_path, broken):
    (outcome,) = refresh_feeds(tmp_path, feed(RevocationList(), broken))
    assert (outcome.state, numbers_in_use(tmp_path)) == ("refused", (10, 10))
    assert outcome.next_update == NOW + 24 * HOUR


@pytest.mark.parametrize(
    "older",
    [
        feed(RevocationList(), Down()),
        feed(RevocationList(), delta(14, this_update=NOW)),
        feed(RevocationList(), delta(15, this_update=NOW)),
        feed(RevocationList(number=9, this_update=NOW - 2 * HOUR), delta(16, base=9, this_update=NOW)),
    ],
    ids=["delta is gone", "older delta", "same number, other date", "older list below a newer delta"],
)
def test_a_list_with_a_delta_never_goes_back_in_time(tmp_path, older: CrlFeed):
    refresh_feeds(tmp_path, feed(RevocationList(), delta()))
    (outcome,) = refresh_feeds(tmp_path, older)
    assert (outcome.state, numbers_in_use(tmp_path)) == ("refused", (15, 10))


def test_a_new_complete_list_replaces_list_and_delta(tmp_path):
    refresh_feeds(tmp_path, feed(RevocationList(), delta()))
    (outcome,) = refresh_feeds(tmp_path, feed(RevocationList(number=16, this_update=NOW)))
    assert (outcome.state, numbers_in_use(tmp_path)) == ("updated", (16, 16))


def test_every_partition_has_a_sequence_of_numbers_of_its_own(tmp_path):
    def partition(point: x509.Name, number: int) -> CrlFeed:
        return CrlFeed(Bytes(partition_list(point, number=number).der()), point)

    states = [outcome.state for outcome in refresh_feeds(tmp_path, partition(CHIYODA, 20), partition(SHINJUKU, 5))]
    assert states == ["updated", "updated"]
    first, second = refresh_feeds(tmp_path, partition(CHIYODA, 19), partition(SHINJUKU, 6))
    assert (first.state, second.state) == ("refused", "updated")
    assert first.detail.startswith(CHIYODA.rfc4514_string())
    paths = [index_path(tmp_path, FIRST.issuer_key_id, partition_id(point)) for point in (CHIYODA, SHINJUKU)]
    assert [open_index(path).crl_number for path in paths] == [20, 6]


def test_a_list_of_another_partition_is_not_taken(tmp_path):
    (outcome,) = refresh_feeds(tmp_path, CrlFeed(Bytes(partition_list(SHINJUKU).der()), CHIYODA))
    assert outcome.state == "refused"
