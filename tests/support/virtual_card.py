"""Keys, certificates and cards for tests of the card itself: as long as real ones, but without the JPKI profile."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.contents import CardContents, CardCredential, CardKind

PIN = "1234"
SIGNING_PASSWORD = "ABC123"

APPLICATION = bytes.fromhex("D392F000260100000001")
SELECT_APPLICATION = bytes.fromhex("00A4040C0A") + APPLICATION
SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


@dataclass(frozen=True)
class Issuer:
    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One RSA-2048 key a name, made once a process: generation is the slow part of these tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def issuer(name: str) -> Issuer:
    return Issuer(private_key(name), _certificate(name, private_key(name), name, private_key(name)))


@cache
def credential(name: str, issuer_name: str) -> CardCredential:
    certificate = _certificate(name, private_key(name), issuer_name, issuer(issuer_name).private_key)
    return CardCredential(private_key(name), certificate.public_bytes(Encoding.DER))


def card_contents(kind: CardKind = "card", *, with_signature: bool = True) -> CardContents:
    return CardContents(
        kind=kind,
        user_authentication=credential("user authentication", "authentication CA"),
        digital_signature=credential("digital signature", "signature CA") if with_signature else None,
        user_authentication_ca_certificate=issuer("authentication CA").der,
        digital_signature_ca_certificate=issuer("signature CA").der,
    )


def new_card(kind: CardKind = "card", **options: object) -> JpkiCard:
    return JpkiCard(card_contents(kind), pin=PIN, signing_password=SIGNING_PASSWORD, **options)  # type: ignore[arg-type]


def select(file_id: int) -> bytes:
    return bytes.fromhex("00A4020C02") + file_id.to_bytes(2)


def verify(password: str, reference: int = 0x80) -> bytes:
    return bytes([0x00, 0x20, 0x00, reference, len(password)]) + password.encode()


def sign(data: bytes, reference: int = 0x80, scheme: int = 0x00) -> bytes:
    return bytes([0x80, 0x2A, scheme, reference, len(data)]) + data + b"\x00"


def read(offset: int, length: int = 0) -> bytes:
    return bytes([0x00, 0xB0, offset >> 8, offset & 0xFF, length])


def _certificate(
    subject: str, key: rsa.RSAPrivateKey, issuer_name: str, issuer_key: rsa.RSAPrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(issuer_key, SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )
