"""The question put to an OCSP responder about one certificate (RFC 6960 §4.1)."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from idp.jpki.trust_anchors import AnchorPublicKey, TrustAnchor

NONCE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class OcspQuestion:
    """One certificate of an anchor, by its serial number (big-endian), with the nonce of this question or None."""

    anchor: TrustAnchor
    serial: bytes = field(repr=False)
    nonce: bytes | None = field(repr=False, default=None)


def encode_ocsp_request(question: OcspQuestion) -> bytes:
    """The request as DER, unsigned, for one certificate.

    Source: RFC 6960 §4.1.1, §4.4.1; RFC 9654 §2.1: a nonce has 32 bytes; RFC 5019 §2.1.1: SHA-1 names the issuer,
            which every responder understands. It protects nothing here: the answer is signed and compared.
    """
    name_hash, key_hash = hash_issuer(question.anchor, hashes.SHA1.name)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        name_hash,
        key_hash,
        int.from_bytes(question.serial, "big"),
        hashes.SHA1(),  # noqa: S303 -- an identifier, see above
    )
    if question.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(question.nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def hash_issuer(anchor: TrustAnchor, algorithm: str) -> tuple[bytes, bytes]:
    """Hashes of the issuer's name and of its key, which together name it in a CertID.

    Takes:  algorithm, "sha1" or "sha256".
    Source: RFC 6960 §4.1.1: the name's DER; the key's BIT STRING without tag, length and unused bits.
    """
    return (
        hashlib.new(algorithm, anchor.certificate.subject.public_bytes()).digest(),
        hashlib.new(algorithm, encode_key_bits(anchor.public_key)).digest(),
    )


def encode_key_bits(public_key: AnchorPublicKey) -> bytes:
    """The content of subjectPublicKey: PKCS #1 for RSA, the uncompressed point for a curve."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return public_key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
