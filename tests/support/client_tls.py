"""Clients' TLS certificates, and how proxies hand them over."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.identifiers import encode_base64url

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name_of(common_name: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example City")]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_certificate(
    common_name: str = "rp",
    *,
    issuer: str | None = None,
    signer: str | None = None,
    names: Sequence[x509.GeneralName] = (),
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    is_authority: bool = False,
    begin: datetime = BEGIN,
    lifetime: timedelta = timedelta(days=3650),
) -> x509.Certificate:
    """A certificate; it signs itself without an ``issuer``, and ``signer`` is whose key signs, if not the issuer's."""
    key = ec_key(common_name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(common_name))
        .issuer_name(name_of(issuer or common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lifetime)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(ec_key(signer or issuer or common_name), hashes.SHA256())


def to_byte_sequence(certificate: x509.Certificate) -> str:
    """As RFC 9440 §2.1 writes it."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    return f":{base64.b64encode(der).decode()}:"


def to_escaped_pem(certificate: x509.Certificate) -> str:
    """As nginx writes it in ``$ssl_client_escaped_cert``."""
    return quote(certificate.public_bytes(serialization.Encoding.PEM).decode(), safe="-._~")


def thumbprint_of(certificate: x509.Certificate) -> str:
    """RFC 8705 §3.1."""
    return encode_base64url(certificate.fingerprint(hashes.SHA256()))


def to_jwks(certificate: x509.Certificate) -> dict[str, list[dict[str, object]]]:
    """A key set with the certificate, as RFC 8705 §2.2.2 wants it registered."""
    public_key = certificate.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    numbers = public_key.public_numbers()
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    x, y = (encode_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y, "x5c": [der]}]}
