"""Bytes to a certificate, within limits."""

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.certificate import CERTIFICATE_LIMIT_BYTES, encode_serial, parse_certificate
from idp.jpki.errors import CardRejected, Rejection
from tests.unit.jpki.certificates import Leaf, ed25519_key


def refusal_of(der: bytes) -> Rejection:
    with pytest.raises(CardRejected) as refusal:
        parse_certificate(der)
    return refusal.value.reason


def padded_to(length: int) -> bytes:
    """A well-formed certificate of exactly that many bytes."""
    oid = x509.ObjectIdentifier("2.25.1.99")
    size = length - len(Leaf().der())
    while True:
        der = Leaf(more=[(x509.UnrecognizedExtension(oid, bytes(size)), False)]).der()
        if len(der) == length:
            return der
        size -= len(der) - length


def test_a_certificate_is_read():
    parsed = parse_certificate(Leaf().der())
    assert parsed.serial == bytes.fromhex("1234abcd")
    assert parsed.extensions.key_usage == {"digital_signature"}


def test_empty_bytes_are_malformed():
    assert refusal_of(b"") is Rejection.MALFORMED


@pytest.mark.parametrize("trailing", [b"\x00", b"0", Leaf().der()])
def test_trailing_bytes_are_malformed(trailing: bytes):
    assert refusal_of(Leaf().der() + trailing) is Rejection.MALFORMED


def test_a_truncated_certificate_is_malformed():
    assert refusal_of(Leaf().der()[:-1]) is Rejection.MALFORMED


def test_a_certificate_of_the_limit_is_read():
    parse_certificate(padded_to(CERTIFICATE_LIMIT_BYTES))


def test_a_certificate_above_the_limit_is_malformed():
    assert refusal_of(padded_to(CERTIFICATE_LIMIT_BYTES + 1)) is Rejection.MALFORMED


def test_pem_is_malformed():
    pem = x509.load_der_x509_certificate(Leaf().der()).public_bytes(Encoding.PEM)
    assert refusal_of(pem) is Rejection.MALFORMED


def test_a_key_of_another_kind_is_parsed_and_left_to_the_profile():
    assert parse_certificate(Leaf(key=ed25519_key()).der()).public_key_oid == "1.3.101.112"


def test_an_extension_twice_is_malformed():
    oids = [x509.ObjectIdentifier("2.25.1.98"), x509.ObjectIdentifier("2.25.1.99")]
    der = Leaf(more=[(x509.UnrecognizedExtension(oid, b"\x05\x00"), False) for oid in oids]).der()
    assert refusal_of(der.replace(b"\x69\x01\x62", b"\x69\x01\x63")) is Rejection.MALFORMED


def test_version_1_is_malformed():
    der = Leaf().der()
    assert der.count(b"\xa0\x03\x02\x01\x02") == 1
    assert refusal_of(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x00")) is Rejection.MALFORMED


def test_version_1_as_it_was_written_is_malformed():
    certificate = asn1_x509.Certificate.load(Leaf().der())
    del certificate["tbs_certificate"]["extensions"]
    certificate["tbs_certificate"]["version"] = "v1"
    assert refusal_of(certificate.dump(force=True)) is Rejection.MALFORMED


def test_a_key_that_nobody_reads_is_unsupported():
    rsa_encryption, unknown = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f")
    der = Leaf().der()
    assert der.count(rsa_encryption) == 1
    assert refusal_of(der.replace(rsa_encryption, unknown)) is Rejection.UNSUPPORTED_ALGORITHM


@pytest.mark.parametrize("number", [0, -1, 1 << 160])
def test_serial_numbers_out_of_range_are_malformed(number: int):
    with pytest.raises(CardRejected) as refusal:
        encode_serial(number)
    assert refusal.value.reason is Rejection.MALFORMED


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(1, b"\x01"), (0x80, b"\x80"), (0x100, b"\x01\x00"), ((1 << 160) - 1, b"\xff" * 20)],
)
def test_serial_numbers_have_their_shortest_form(number: int, encoded: bytes):
    assert encode_serial(number) == encoded


def test_a_negative_serial_number_is_malformed():
    der = Leaf(serial=0x12345678).der()
    assert refusal_of(der.replace(b"\x02\x04\x12\x34\x56\x78", b"\x02\x04\x92\x34\x56\x78")) is Rejection.MALFORMED


def test_the_repr_shows_nothing_of_the_holder():
    assert repr(parse_certificate(Leaf().der())) == "ParsedCertificate()"
