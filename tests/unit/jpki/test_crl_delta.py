"""A delta changes the list it was made for, and no other."""

from dataclasses import replace

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.crl import CrlRefused, VerifiedCrl, verify_crl
from idp.jpki.crl_delta import VerifiedDelta, apply_delta, verify_delta
from tests.unit.jpki.certificates import NOW, ec_key, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR, ON_HOLD, RevocationList
from tests.unit.jpki.test_crl import UNKNOWN, point
from tests.unit.jpki.test_crl_partition import CHIYODA, SHINJUKU

FIRST = trust().anchors[0]
OFF_HOLD = [(x509.CRLReason(x509.ReasonFlags.remove_from_crl), False)]


def delta_list(base: int = 10, **changes: object) -> RevocationList:
    plain = RevocationList(serials=[20, 30], number=15, more=[(x509.DeltaCRLIndicator(base), True)])
    return replace(plain, **changes)


def verify(found: RevocationList, **choices: object) -> VerifiedDelta:
    return verify_delta(found.der(), FIRST, NOW, **choices)


def complete(serials: tuple[int, ...] = (5, 20), number: int = 10) -> VerifiedCrl:
    return verify_crl(RevocationList(serials=serials, number=number, this_update=NOW - 2 * HOUR).der(), FIRST, NOW)


def read_records(records: bytes) -> list[int]:
    return [int.from_bytes(records[at : at + 20], "big") for at in range(0, len(records), 20)]


def serials_of(crl: VerifiedCrl) -> list[int]:
    return read_records(crl.serials)


def test_what_was_revoked_since_is_added_and_the_list_is_as_new_as_the_delta():
    merged = apply_delta(complete(), verify(delta_list()))
    assert serials_of(merged) == [5, 20, 30]
    assert (merged.crl_number, merged.base_number, merged.this_update) == (15, 10, NOW - HOUR)
    assert merged.next_update == NOW + 24 * HOUR


def test_what_came_off_hold_is_removed():
    assert serials_of(apply_delta(complete(), verify(delta_list(serials=[20], entry_extensions=OFF_HOLD)))) == [5]


def test_a_hold_begins_and_ends_by_delta():
    held = apply_delta(complete(), verify(delta_list(serials=[7], entry_extensions=ON_HOLD)))
    assert (serials_of(held), read_records(held.held)) == ([5, 20], [7])
    lifted = verify(delta_list(serials=[7], number=16, entry_extensions=OFF_HOLD))
    assert (serials_of(apply_delta(held, lifted)), apply_delta(held, lifted).held) == ([5, 20], b"")


def test_a_certificate_on_hold_can_be_revoked_for_good_and_no_revoked_one_is_on_hold_again():
    held = apply_delta(complete(), verify(delta_list(serials=[7], entry_extensions=ON_HOLD)))
    revoked = apply_delta(held, verify(delta_list(serials=[7], number=16)))
    assert (serials_of(revoked), revoked.held) == ([5, 7, 20], b"")
    again = apply_delta(revoked, verify(delta_list(serials=[7], number=17, entry_extensions=ON_HOLD)))
    assert (serials_of(again), again.held) == ([5, 7, 20], b"")


def test_a_removal_in_a_complete_list_removes_nothing():
    listed = verify_crl(RevocationList(serials=[9], entry_extensions=OFF_HOLD).der(), FIRST, NOW)
    assert serials_of(listed) == [9]


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)))
def test_the_merged_list_is_the_set_that_the_standard_describes(held: set[int], added: set[int], removed: set[int]):
    records = b"".join(serial.to_bytes(20, "big") for serial in sorted(held))
    change = replace(verify(delta_list()), added=frozenset(added), removed=frozenset(removed))
    assert serials_of(apply_delta(replace(complete(), serials=records), change)) == sorted(
        (held - removed) | (added - removed)
    )


@pytest.mark.parametrize("base", [9, 10])
def test_a_delta_applies_to_its_base_and_to_a_newer_list(base: int):
    assert apply_delta(complete(), verify(delta_list(base))).crl_number == 15


def test_a_list_older_than_the_base_cannot_be_brought_up_to_date():
    with pytest.raises(CrlRefused, match="newer list"):
        apply_delta(complete(), verify(delta_list(11)))


@pytest.mark.parametrize("number", [15, 16])
def test_a_delta_that_the_list_has_overtaken_changes_nothing(number: int):
    listed = complete(number=number)
    assert apply_delta(listed, verify(delta_list())) is listed


def test_a_delta_with_a_higher_number_and_an_older_date_is_refused():
    with pytest.raises(CrlRefused, match="older"):
        apply_delta(complete(), verify(delta_list(this_update=NOW - 3 * HOUR)))


@pytest.mark.parametrize("change", [{"partition": b"x"}, {"issuer_key_id": bytes(32)}])
def test_a_delta_of_another_scope_is_refused(change: dict[str, bytes]):
    with pytest.raises(CrlRefused, match="scope"):
        apply_delta(complete(), replace(verify(delta_list()), **change))


REFUSED = {
    "complete list": RevocationList(),
    "of another generation": delta_list(key=rsa_key("authority-2")),
    "signed by a forger": delta_list(key=ec_key("forger")),
    "without number": delta_list(number=None),
    "entry with unknown critical extension": delta_list(entry_extensions=[(UNKNOWN, True)]),
    "of a partition": delta_list(
        more=[(x509.DeltaCRLIndicator(10), True), (point(full_name=[x509.DirectoryName(CHIYODA)]), True)]
    ),
}


@pytest.mark.parametrize("faulty", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_delta_of_this_scope_is_refused(faulty: RevocationList):
    with pytest.raises(CrlRefused):
        verify(faulty)


def test_a_delta_of_a_partition_serves_that_partition_only():
    found = REFUSED["of a partition"]
    assert verify(found, distribution_point=CHIYODA).partition
    with pytest.raises(CrlRefused):
        verify(found, distribution_point=SHINJUKU)


@pytest.mark.parametrize("critical", [True, False])
def test_a_delta_never_passes_for_a_complete_list_whatever_its_criticality(critical: bool):
    with pytest.raises(CrlRefused):
        verify_crl(RevocationList(more=[(x509.DeltaCRLIndicator(9), critical)]).der(), FIRST, NOW)
