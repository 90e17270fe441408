"""The signature is verified over the bytes that were sent, laid out as a list is and in no other way."""

from dataclasses import replace
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import SignatureAlgorithmOID

from idp.jpki.crl import CrlRefused, verify_crl
from idp.jpki.crl_delta import verify_delta
from idp.jpki.crl_signature import has_signed_crl
from tests.unit.jpki.certificates import NOW, Fault, anchor, ec_key, rsa_key, trust
from tests.unit.jpki.revocation_lists import RevocationList

FIRST = trust().anchors[0]
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
RSA_SHA384 = bytes.fromhex("300d06092a864886f70d01010c0500")


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")) + content


@cache
def plain() -> bytes:
    return RevocationList().der()


@cache
def plain_signed_part() -> bytes:
    return x509.load_der_x509_crl(plain()).tbs_certlist_bytes


def with_signed_part(signed: bytes) -> bytes:
    signature = rsa_key("authority-1").sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return element(0x30, signed + RSA_SHA256 + element(0x03, b"\0" + signature))


class Signature:
    """As much of a parsed list as the check looks at."""

    signature_algorithm_oid = SignatureAlgorithmOID.RSA_WITH_SHA256

    def __init__(self, signature: bytes) -> None:
        self.signature = signature


def refusal_of(der: bytes) -> str:
    with pytest.raises(CrlRefused) as refusal:
        verify_crl(der, FIRST, NOW)
    return refusal.value.detail


def test_a_list_put_together_again_is_taken():
    assert verify_crl(with_signed_part(plain_signed_part()), FIRST, NOW).crl_number == 10


def test_an_elliptic_authority_signs_with_sha_384():
    elliptic = anchor(Fault(key=ec_key("authority-3")))
    assert verify_crl(RevocationList(key=ec_key("authority-3")).der(), elliptic, NOW).crl_number == 10
    with pytest.raises(CrlRefused):
        verify_crl(RevocationList(key=ec_key("authority-3"), digest=hashes.SHA256()).der(), elliptic, NOW)
    with pytest.raises(CrlRefused):
        verify_crl(RevocationList(key=ec_key("another")).der(), elliptic, NOW)


def test_another_algorithm_inside_than_outside_is_refused():
    refusal_of(with_signed_part(plain_signed_part().replace(RSA_SHA256, RSA_SHA384)))
    parsed = x509.load_der_x509_crl(plain())
    for other in (
        plain().replace(RSA_SHA256, RSA_SHA384, 1),
        plain()[::-1].replace(RSA_SHA256[::-1], RSA_SHA384[::-1], 1)[::-1],
    ):
        assert not has_signed_crl(FIRST.public_key, parsed, other)


def test_a_signature_part_without_version_is_read_but_no_list_without_number_is_used():
    version_1 = element(0x30, plain_signed_part()[3:].removeprefix(b"\x02\x01\x01"))
    refusal_of(with_signed_part(version_1))
    spare = with_signed_part(version_1)
    assert has_signed_crl(FIRST.public_key, Signature(spare[-256:]), spare)


def test_signature_bits_that_are_no_whole_bytes_are_refused():
    at = len(plain()) - 257
    assert plain()[at] == 0
    even = bytearray(plain())
    even[at] = 1
    refusal_of(bytes(even))


@pytest.mark.parametrize(
    "der", [b"", b"\x30", b"\x31\x00", b"\x30\x80\x00\x00", b"\x30\x05\x30", b"\x30\x84\xff\xff\xff\xff\x30"]
)
def test_bytes_that_are_laid_out_otherwise_are_no_list(der: bytes):
    parsed = x509.load_der_x509_crl(plain())
    with pytest.raises(ValueError, match="element"):
        has_signed_crl(FIRST.public_key, parsed, der)


UNREADABLE = x509.UnrecognizedExtension(x509.CRLReason.oid, b"\x05\x00")


def test_a_signed_list_with_an_entry_nobody_can_read_is_refused():
    spoilt = RevocationList(entry_extensions=[(UNREADABLE, True)])
    assert "cannot be read" in refusal_of(spoilt.der())
    with pytest.raises(CrlRefused, match="cannot be read"):
        verify_delta(replace(spoilt, more=[(x509.DeltaCRLIndicator(9), True)]).der(), FIRST, NOW)
