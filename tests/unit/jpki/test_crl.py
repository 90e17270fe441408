"""A list is used only if it is the authority's own, complete and of our time."""

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.crl import CLOCK_SKEW_SECONDS, CRL_LIMIT_BYTES, CrlRefused, verify_crl
from idp.jpki.errors import Unverifiable
from tests.unit.jpki.certificates import AUTHORITY_NAME, NOW, Fault, anchor, ec_key, name, rsa_key, trust
from tests.unit.jpki.revocation_lists import HOUR, RevocationList, timedelta

FIRST = trust().anchors[0]
POINT_NAME = [x509.DirectoryName(AUTHORITY_NAME)]


def point(**marks: object) -> x509.IssuingDistributionPoint:
    plain = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**plain, **marks})


def skew(seconds: int) -> RevocationList:
    return RevocationList(this_update=NOW + timedelta(seconds=seconds))


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1.99"), b"\x05\x00")
OTHER_KEY_ID = x509.AuthorityKeyIdentifier(bytes(20), None, None)
SOME_REASONS = frozenset({x509.ReasonFlags.key_compromise})

REFUSED = {
    "of another issuer": RevocationList(issuer=name("Other")),
    "of another generation": RevocationList(key=rsa_key("authority-2")),
    "signed by a forger": RevocationList(key=rsa_key("forger")),
    "signed by another kind of key": RevocationList(key=ec_key("authority")),
    "signed with another digest": RevocationList(digest=hashes.SHA512()),
    "without CRLNumber": RevocationList(number=None),
    "from the future": skew(CLOCK_SKEW_SECONDS + 1),
    "names another key": RevocationList(more=[(OTHER_KEY_ID, False)]),
    "unknown critical extension": RevocationList(more=[(UNKNOWN, True)]),
    "delta": RevocationList(more=[(x509.DeltaCRLIndicator(9), True)]),
    "partitioned": RevocationList(more=[(point(full_name=POINT_NAME), True)]),
    "indirect": RevocationList(more=[(point(indirect_crl=True), True)]),
    "of authorities only": RevocationList(more=[(point(only_contains_ca_certs=True), True)]),
    "of attribute certificates only": RevocationList(more=[(point(only_contains_attribute_certs=True), True)]),
    "by reasons": RevocationList(more=[(point(only_some_reasons=SOME_REASONS), True)]),
    "entry of another issuer": RevocationList(entry_extensions=[(x509.CertificateIssuer(POINT_NAME), True)]),
    "entry with unknown critical extension": RevocationList(entry_extensions=[(UNKNOWN, True)]),
}


@pytest.mark.parametrize("faulty", REFUSED.values(), ids=REFUSED.keys())
def test_a_list_that_must_not_be_used_is_refused(faulty: RevocationList):
    with pytest.raises(CrlRefused) as refusal:
        verify_crl(faulty.der(), FIRST, NOW)
    assert refusal.value.reason is Unverifiable.STATUS_UNAVAILABLE


def test_a_complete_list_is_read_into_sorted_records():
    verified = verify_crl(RevocationList().der(), FIRST, NOW)
    assert verified.crl_number == 10
    assert verified.issuer_key_id == FIRST.issuer_key_id
    assert (verified.this_update, verified.next_update) == (NOW - HOUR, NOW + 24 * HOUR)
    records = [verified.serials[start : start + 20] for start in range(0, len(verified.serials), 20)]
    assert [int.from_bytes(record, "big") for record in records] == [5, 0x1234ABCE, (1 << 159) - 1]


def test_what_is_listed_both_for_good_and_on_hold_is_revoked_for_good():
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(AUTHORITY_NAME).last_update(NOW).next_update(NOW + HOUR)
    )
    builder = builder.add_extension(x509.CRLNumber(1), False)
    for serial, reason in ((9, "certificate_hold"), (9, "key_compromise"), (8, "certificate_hold")):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags[reason]), False)
        builder = builder.add_revoked_certificate(entry.build())
    der = builder.sign(rsa_key("authority-1"), hashes.SHA256()).public_bytes(Encoding.DER)
    verified = verify_crl(der, FIRST, NOW)
    assert (verified.serials, verified.held) == ((9).to_bytes(20, "big"), (8).to_bytes(20, "big"))


def test_an_empty_list_is_a_list():
    assert verify_crl(RevocationList(serials=()).der(), FIRST, NOW).serials == b""


@pytest.mark.parametrize(
    "complete",
    [
        skew(CLOCK_SKEW_SECONDS),
        RevocationList(more=[(point(only_contains_user_certs=True), True)]),
        RevocationList(more=[(UNKNOWN, False)]),
        RevocationList(more=[(x509.AuthorityKeyIdentifier(FIRST.key_id, None, None), False)]),
        RevocationList(entry_extensions=[(x509.CRLReason(x509.ReasonFlags.certificate_hold), True)]),
        RevocationList(next_update=NOW - HOUR / 2),
    ],
    ids=["clock within skew", "of holders only", "unknown, not critical", "own key", "on hold", "past its nextUpdate"],
)
def test_a_list_that_may_be_used_is_taken(complete: RevocationList):
    verify_crl(complete.der(), FIRST, NOW)


def test_a_list_of_the_next_generation_is_taken():
    own = anchor(Fault(key=ec_key("authority")))
    verify_crl(RevocationList(key=ec_key("authority")).der(), own, NOW)


def _resigned(change) -> bytes:
    """A list that the library would not build, signed by the authority all the same."""
    parsed = asn1_crl.CertificateList.load(RevocationList().der())
    change(parsed["tbs_cert_list"])
    body = parsed["tbs_cert_list"].dump(force=True)
    parsed["signature"] = rsa_key("authority-1").sign(body, padding.PKCS1v15(), hashes.SHA256())
    return parsed.dump(force=True)


def test_a_list_without_next_update_is_refused():
    with pytest.raises(CrlRefused) as refusal:
        verify_crl(_resigned(lambda body: body.__delitem__("next_update")), FIRST, NOW)
    assert "nextUpdate" in refusal.value.detail


def test_a_list_that_ends_before_it_begins_is_refused():
    def swap(body) -> None:
        body["this_update"], body["next_update"] = body["next_update"].copy(), body["this_update"].copy()

    with pytest.raises(CrlRefused):
        verify_crl(_resigned(swap), FIRST, NOW + 48 * HOUR)


def test_an_entry_with_a_negative_serial_number_is_refused():
    def negate(body) -> None:
        body["revoked_certificates"][0]["user_certificate"] = -5

    with pytest.raises(CrlRefused):
        verify_crl(_resigned(negate), FIRST, NOW)


def test_a_changed_list_is_refused():
    der = RevocationList().der()
    with pytest.raises(CrlRefused):
        verify_crl(der.replace(bytes.fromhex("1234abce"), bytes.fromhex("1234abcf")), FIRST, NOW)


def test_a_list_above_the_limit_is_not_parsed():
    with pytest.raises(CrlRefused):
        verify_crl(bytes(CRL_LIMIT_BYTES + 1), FIRST, NOW)


@pytest.mark.parametrize("broken", [b"", RevocationList().der()[:-1], RevocationList().der() + b"\x00"])
def test_broken_bytes_are_refused(broken: bytes):
    with pytest.raises(CrlRefused):
        verify_crl(broken, FIRST, NOW)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mutated_list_is_refused_in_one_way(data: st.DataObject):
    der = bytearray(RevocationList().der())
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    if bytes(der) != RevocationList().der():
        with pytest.raises(CrlRefused):
            verify_crl(bytes(der), FIRST, NOW)
