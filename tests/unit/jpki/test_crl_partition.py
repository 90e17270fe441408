"""A certificate is judged by the list of its own partition, or of the whole authority, and by no other."""

from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.crl import CrlRefused, VerifiedCrl, verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_partition import list_partitions, parse_distribution_point, partition_id
from idp.jpki.crl_status import CrlRevocation
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ports import StatusState
from idp.jpki.profile import CARD_USER_AUTHENTICATION
from tests.unit.jpki.certificates import NOW, Leaf, trust
from tests.unit.jpki.revocation_lists import HOUR, ON_HOLD, RevocationList
from tests.unit.jpki.test_crl import point

FIRST = trust().anchors[0]
CHIYODA = parse_distribution_point("CN=Chiyoda-ku CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,O=THROWAWAY,C=JP")
SHINJUKU = parse_distribution_point("CN=Shinjuku-ku CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,O=THROWAWAY,C=JP")


def distribution_point(*names: x509.Name, **more: object) -> tuple[x509.CRLDistributionPoints, bool]:
    plain = {"relative_name": None, "reasons": None, "crl_issuer": None}
    found = x509.DistributionPoint([x509.DirectoryName(n) for n in names], **{**plain, **more})
    return x509.CRLDistributionPoints([found]), False


def chained(*names: x509.Name) -> ChainedCertificate:
    leaf = Leaf(more=[distribution_point(*names)] if names else [])
    return verify_chain(parse_certificate(leaf.der()), CARD_USER_AUTHENTICATION, trust(), NOW)


def partition_list(*names: x509.Name, **changes: object) -> RevocationList:
    scope = point(full_name=[x509.DirectoryName(n) for n in names], only_contains_user_certs=True)
    return RevocationList(more=[(scope, True)], **changes)


def publish(directory: Path, found: RevocationList, name: x509.Name | None = None) -> VerifiedCrl:
    crl = verify_crl(found.der(), FIRST, NOW, name)
    write_index(index_path(directory, FIRST.issuer_key_id, crl.partition), crl)
    return crl


def source(directory: Path) -> CrlRevocation:
    return CrlRevocation(directory, partitioned=[FIRST.issuer_key_id])


def state_of(directory: Path, *names: x509.Name) -> StatusState:
    return source(directory).find_status(chained(*names), NOW).state


def refusal_of(directory: Path, *names: x509.Name) -> Unverifiable:
    with pytest.raises(CardUnverifiable) as refusal:
        source(directory).find_status(chained(*names), NOW)
    return refusal.value.reason


LISTED = [Leaf().serial]


def test_the_partitions_own_list_judges(tmp_path):
    publish(tmp_path, partition_list(CHIYODA), CHIYODA)
    publish(tmp_path, partition_list(SHINJUKU, serials=LISTED), SHINJUKU)
    assert state_of(tmp_path, CHIYODA) is StatusState.GOOD
    assert state_of(tmp_path, SHINJUKU) is StatusState.REVOKED


def test_the_list_of_another_partition_says_nothing(tmp_path):
    publish(tmp_path, partition_list(SHINJUKU), SHINJUKU)
    assert refusal_of(tmp_path, CHIYODA) is Unverifiable.STATUS_UNAVAILABLE
    assert refusal_of(tmp_path) is Unverifiable.STATUS_UNAVAILABLE


def test_the_file_of_another_partition_under_this_ones_name_says_nothing(tmp_path):
    crl = publish(tmp_path, partition_list(SHINJUKU), SHINJUKU)
    write_index(index_path(tmp_path, FIRST.issuer_key_id, partition_id(CHIYODA)), crl)
    assert refusal_of(tmp_path, CHIYODA) is Unverifiable.STATUS_UNAVAILABLE


def test_the_list_of_the_whole_authority_judges_where_there_is_no_other(tmp_path):
    publish(tmp_path, RevocationList())
    assert state_of(tmp_path, CHIYODA) is StatusState.GOOD


@pytest.mark.parametrize("revoking", ["partition", "whole"])
def test_of_two_lists_the_revoking_one_decides(tmp_path, revoking: str):
    publish(tmp_path, partition_list(CHIYODA, serials=LISTED if revoking == "partition" else []), CHIYODA)
    publish(tmp_path, RevocationList(serials=LISTED if revoking == "whole" else []))
    assert state_of(tmp_path, CHIYODA) is StatusState.REVOKED


@pytest.mark.parametrize("held_hours_ago", [1, 2, 3])
@pytest.mark.parametrize("held_until", [NOW + HOUR, NOW - HOUR / 2], ids=["current", "past its time"])
def test_of_two_lists_the_newer_one_knows_whether_a_hold_goes_on(tmp_path, held_hours_ago: int, held_until: datetime):
    held = {"this_update": NOW - held_hours_ago * HOUR, "next_update": held_until}
    publish(tmp_path, partition_list(CHIYODA, serials=LISTED, entry_extensions=ON_HOLD, **held), CHIYODA)
    publish(tmp_path, RevocationList(this_update=NOW - 2 * HOUR))
    # Two lists of one moment: the worse one counts.
    assert state_of(tmp_path, CHIYODA) is (StatusState.GOOD if held_hours_ago == 3 else StatusState.ON_HOLD)


def test_a_hold_does_not_hide_a_revocation(tmp_path):
    publish(tmp_path, partition_list(CHIYODA, serials=LISTED, entry_extensions=ON_HOLD), CHIYODA)
    publish(tmp_path, RevocationList(serials=LISTED, this_update=NOW - 3 * HOUR))
    assert state_of(tmp_path, CHIYODA) is StatusState.REVOKED


def test_a_lifted_hold_on_a_list_past_its_time_lifts_nothing(tmp_path):
    publish(
        tmp_path, partition_list(CHIYODA, serials=LISTED, entry_extensions=ON_HOLD, this_update=NOW - 2 * HOUR), CHIYODA
    )
    publish(tmp_path, RevocationList(this_update=NOW - HOUR, next_update=NOW - HOUR / 2))
    assert state_of(tmp_path, CHIYODA) is StatusState.ON_HOLD


def test_of_two_lists_the_current_one_says_good_and_dates_the_answer(tmp_path):
    old = partition_list(CHIYODA, this_update=NOW - 3 * HOUR, next_update=NOW - HOUR)
    publish(tmp_path, old, CHIYODA)
    publish(tmp_path, RevocationList())
    assert source(tmp_path).find_status(chained(CHIYODA), NOW).this_update == NOW - HOUR


def test_a_list_past_its_time_still_revokes_and_says_nothing_else(tmp_path):
    old = {"this_update": NOW - 3 * HOUR, "next_update": NOW - HOUR}
    publish(tmp_path, partition_list(CHIYODA, **old), CHIYODA)
    assert refusal_of(tmp_path, CHIYODA) is Unverifiable.STATUS_STALE
    publish(tmp_path, partition_list(CHIYODA, serials=LISTED, **old), CHIYODA)
    assert state_of(tmp_path, CHIYODA) is StatusState.REVOKED


def test_partitions_are_not_looked_for_where_none_is_configured(tmp_path):
    publish(tmp_path, partition_list(CHIYODA), CHIYODA)
    with pytest.raises(CardUnverifiable):
        CrlRevocation(tmp_path).find_status(chained(CHIYODA), NOW)


REFUSED = {
    "complete list": RevocationList(),
    "another partition": partition_list(SHINJUKU),
    "no name": RevocationList(more=[(point(only_contains_user_certs=True), True)]),
    "an address": RevocationList(
        more=[(point(full_name=[x509.UniformResourceIdentifier("http://crl.example/")]), True)]
    ),
    "relative name": RevocationList(
        more=[
            (point(relative_name=x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "x")])), True)
        ]
    ),
    "indirect": RevocationList(more=[(point(full_name=[x509.DirectoryName(CHIYODA)], indirect_crl=True), True)]),
    "of authorities": RevocationList(
        more=[(point(full_name=[x509.DirectoryName(CHIYODA)], only_contains_ca_certs=True), True)]
    ),
    "by reasons": RevocationList(
        more=[
            (
                point(
                    full_name=[x509.DirectoryName(CHIYODA)],
                    only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}),
                ),
                True,
            )
        ]
    ),
}


@pytest.mark.parametrize("faulty", REFUSED.values(), ids=REFUSED.keys())
def test_a_list_of_another_scope_is_refused_for_a_partition(faulty: RevocationList):
    with pytest.raises(CrlRefused):
        verify_crl(faulty.der(), FIRST, NOW, CHIYODA)


def test_a_list_may_serve_a_partition_under_several_names():
    found = partition_list(SHINJUKU, CHIYODA)
    assert verify_crl(found.der(), FIRST, NOW, CHIYODA).partition == partition_id(CHIYODA)


def test_points_for_some_reasons_or_of_another_issuer_name_no_partition():
    for more in (
        {"reasons": frozenset({x509.ReasonFlags.key_compromise})},
        {"crl_issuer": [x509.DirectoryName(SHINJUKU)]},
    ):
        assert list_partitions(parse_certificate(Leaf(more=[distribution_point(CHIYODA, **more)]).der())) == ()
    uri = x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example/")], None, None, None)
    assert list_partitions(parse_certificate(Leaf(more=[(x509.CRLDistributionPoints([uri]), False)]).der())) == ()


def test_the_name_is_the_same_however_its_strings_are_encoded():
    printable = x509.Name([x509.NameAttribute(a.oid, a.value, x509.name._ASN1Type.PrintableString) for a in CHIYODA])
    assert partition_id(printable) == partition_id(CHIYODA)


@pytest.mark.parametrize("text", ["", "Chiyoda", "CN=a,,C=JP"])
def test_what_is_no_directory_name_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 -- the settings turn it into their own
        parse_distribution_point(text)
