"""RFC 5280 §5, §6.3: our reading of a list and that of an independent ASN.1 library agree."""

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509

from idp.jpki.crl import CrlRefused, verify_crl
from idp.jpki.crl_index import open_index, write_index
from tests.unit.jpki.certificates import NOW, trust
from tests.unit.jpki.revocation_lists import RevocationList

ANCHOR = trust().anchors[0]
SERIALS = [1, 127, 128, 255, 256, 0x7FFFFFFF, 0x80000000, (1 << 64) - 1, 1 << 64, (1 << 159) - 1]


def test_section_5_1_2_6_every_listed_serial_is_found_and_its_neighbours_are_not(tmp_path):
    der = RevocationList(serials=SERIALS).der()
    write_index(tmp_path / "x", verify_crl(der, ANCHOR, NOW))
    index = open_index(tmp_path / "x")
    listed = {
        entry["user_certificate"].native
        for entry in asn1_crl.CertificateList.load(der)["tbs_cert_list"]["revoked_certificates"]
    }
    for serial in {near for found in SERIALS for near in (found - 1, found, found + 1) if near > 0}:
        encoded = serial.to_bytes((serial.bit_length() + 7) // 8, "big")
        assert index.is_revoked(encoded) is (serial in listed)


def test_section_5_2_3_a_list_has_a_number():
    with pytest.raises(CrlRefused):
        verify_crl(RevocationList(number=None).der(), ANCHOR, NOW)


def test_section_5_2_3_a_number_may_have_twenty_bytes():
    assert verify_crl(RevocationList(number=(1 << 159) - 1).der(), ANCHOR, NOW).crl_number == (1 << 159) - 1


def test_section_5_2_4_a_delta_is_no_complete_list():
    with pytest.raises(CrlRefused):
        verify_crl(RevocationList(more=[(x509.DeltaCRLIndicator(1), True)]).der(), ANCHOR, NOW)


@pytest.mark.parametrize("reason", x509.ReasonFlags)
def test_section_5_3_1_a_certificate_on_hold_is_told_from_one_revoked_for_good(reason: x509.ReasonFlags):
    found = RevocationList(serials=[9], entry_extensions=[(x509.CRLReason(reason), False)])
    verified, nine = verify_crl(found.der(), ANCHOR, NOW), (9).to_bytes(20, "big")
    is_held = reason is x509.ReasonFlags.certificate_hold
    assert (verified.serials, verified.held) == ((b"", nine) if is_held else (nine, b""))
