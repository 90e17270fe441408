"""Status out of the mapped lists, failing closed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.crl import verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ports import StatusState
from idp.jpki.profile import CARD_USER_AUTHENTICATION
from tests.unit.jpki.certificates import NOW, Leaf, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR, ON_HOLD, RevocationList

FIRST, SECOND, _ = trust().anchors


def chained(leaf: Leaf | None = None) -> ChainedCertificate:
    return verify_chain(parse_certificate((leaf or Leaf()).der()), CARD_USER_AUTHENTICATION, trust(), NOW)


def publish(directory: Path, revocation_list: RevocationList, now: datetime = NOW) -> None:
    write_index(index_path(directory, FIRST.issuer_key_id), verify_crl(revocation_list.der(), FIRST, now))


def refusal_of(source: CrlRevocation, leaf: Leaf | None = None, now: datetime = NOW) -> Unverifiable:
    with pytest.raises(CardUnverifiable) as refusal:
        source.find_status(chained(leaf), now)
    return refusal.value.reason


def test_a_certificate_that_is_not_listed_is_good_as_of_the_list(tmp_path):
    publish(tmp_path, RevocationList())
    status = CrlRevocation(tmp_path).find_status(chained(), NOW)
    assert (status.state, status.this_update, status.source) == (StatusState.GOOD, NOW - HOUR, "crl")


def test_a_listed_certificate_is_revoked(tmp_path):
    publish(tmp_path, RevocationList(serials=[Leaf().serial]))
    assert CrlRevocation(tmp_path).find_status(chained(), NOW).state is StatusState.REVOKED


def test_a_certificate_on_hold_is_on_hold_until_a_newer_list_forgets_it(tmp_path):
    publish(tmp_path, RevocationList(serials=[Leaf().serial], entry_extensions=ON_HOLD))
    source = CrlRevocation(tmp_path, restat_seconds=0)
    assert source.find_status(chained(), NOW).state is StatusState.ON_HOLD
    publish(tmp_path, RevocationList(number=11))
    assert source.find_status(chained(), NOW).state is StatusState.GOOD


def test_a_hold_on_a_list_past_its_time_is_not_known_any_more(tmp_path):
    publish(tmp_path, RevocationList(serials=[Leaf().serial], entry_extensions=ON_HOLD))
    assert refusal_of(CrlRevocation(tmp_path), now=NOW + 25 * HOUR) is Unverifiable.STATUS_STALE


def test_every_answer_has_an_id_of_its_own(tmp_path):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path)
    assert source.find_status(chained(), NOW).check_id != source.find_status(chained(), NOW).check_id


def test_without_a_list_the_status_is_unavailable(tmp_path):
    assert refusal_of(CrlRevocation(tmp_path)) is Unverifiable.STATUS_UNAVAILABLE


def test_the_list_of_another_generation_says_nothing(tmp_path):
    publish(tmp_path, RevocationList())
    leaf = Leaf(signing_key=rsa_key("authority-2"))
    assert refusal_of(CrlRevocation(tmp_path), leaf) is Unverifiable.STATUS_UNAVAILABLE


def test_the_file_of_another_authority_under_this_ones_name_says_nothing(tmp_path):
    write_index(index_path(tmp_path, SECOND.issuer_key_id), verify_crl(RevocationList().der(), FIRST, NOW))
    leaf = Leaf(signing_key=rsa_key("authority-2"))
    assert refusal_of(CrlRevocation(tmp_path), leaf) is Unverifiable.STATUS_UNAVAILABLE


@pytest.mark.parametrize("grace_seconds", [0, 3600])
def test_a_list_answers_until_its_next_update_and_the_grace_after_it(tmp_path, grace_seconds: int):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path, grace_seconds=grace_seconds)
    last = NOW + 24 * HOUR + timedelta(seconds=grace_seconds)
    assert source.find_status(chained(), last).state is StatusState.GOOD
    assert refusal_of(source, now=last + timedelta(seconds=1)) is Unverifiable.STATUS_STALE


def test_a_damaged_file_is_unavailable(tmp_path):
    index_path(tmp_path, FIRST.issuer_key_id).write_bytes(b"noise")
    assert refusal_of(CrlRevocation(tmp_path)) is Unverifiable.STATUS_UNAVAILABLE


def test_a_new_list_is_seen_after_the_interval_and_not_before(tmp_path):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path, restat_seconds=10)
    source.find_status(chained(), NOW)
    publish(tmp_path, RevocationList(serials=[Leaf().serial], number=11))
    assert source.find_status(chained(), NOW + timedelta(seconds=9)).state is StatusState.GOOD
    assert source.find_status(chained(), NOW + timedelta(seconds=10)).state is StatusState.REVOKED


def test_a_list_that_was_taken_away_stops_answering(tmp_path):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path, restat_seconds=10)
    source.find_status(chained(), NOW)
    index_path(tmp_path, FIRST.issuer_key_id).unlink()
    assert refusal_of(source, now=NOW + timedelta(seconds=10)) is Unverifiable.STATUS_UNAVAILABLE


def test_a_clock_that_went_back_makes_the_file_be_looked_at_again(tmp_path):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path, restat_seconds=10)
    source.find_status(chained(), NOW)
    index_path(tmp_path, FIRST.issuer_key_id).unlink()
    assert refusal_of(source, now=NOW - timedelta(seconds=1)) is Unverifiable.STATUS_UNAVAILABLE


def test_an_unchanged_file_is_not_read_again(tmp_path):
    publish(tmp_path, RevocationList())
    source = CrlRevocation(tmp_path, restat_seconds=10)
    index = source.open_list(FIRST.issuer_key_id, NOW)
    assert source.open_list(FIRST.issuer_key_id, NOW + timedelta(seconds=60)) is index
