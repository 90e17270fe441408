"""The proof that the certificate's key is at hand: a signature over the challenge."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from idp.jpki.certificate import ParsedCertificate
from idp.jpki.errors import CardRejected, Rejection

RS256_SIGNATURE_BYTES: Final = 256
ES384_SIGNATURE_BYTES: Final = 96
_P384_COORDINATE_BYTES: Final = 48


def check_possession(
    certificate: ParsedCertificate, message: bytes, algorithm: str, unverified_signature: bytes
) -> None:
    """Establish that the certificate's private key signed this message.

    Takes:   message, rebuilt by the server and never sent by the presenter; algorithm, as sent: the key decides it and
             the sent value must agree; the signature, RS256 256 bytes, ES384 raw r||s of 96 bytes.
    Raises:  CardRejected: unsupported_algorithm, bad_signature.
    Source:  RFC 8017 §8.2.2 (RSASSA-PKCS1-v1_5, SHA-256); RFC 7518 §3.4 (r||s); docs/card-presenter-protocol.md.
    """
    key = certificate.public_key
    try:
        if isinstance(key, rsa.RSAPublicKey):
            _check_algorithm(algorithm, "RS256")
            _check_length(unverified_signature, RS256_SIGNATURE_BYTES)
            key.verify(unverified_signature, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            _check_algorithm(algorithm, "ES384")
            _check_length(unverified_signature, ES384_SIGNATURE_BYTES)
            key.verify(_encode_der(unverified_signature), message, ec.ECDSA(hashes.SHA384()))
        else:
            raise CardRejected(Rejection.UNSUPPORTED_ALGORITHM, "key kind")
    except (InvalidSignature, ValueError) as fault:
        raise CardRejected(Rejection.BAD_SIGNATURE) from fault


def _check_algorithm(sent: str, of_the_key: str) -> None:
    if sent != of_the_key:
        raise CardRejected(Rejection.UNSUPPORTED_ALGORITHM, "algorithm is not the key's")


def _check_length(signature: bytes, length_bytes: int) -> None:
    if len(signature) != length_bytes:
        raise CardRejected(Rejection.BAD_SIGNATURE, "signature length")


def _encode_der(signature: bytes) -> bytes:
    r = int.from_bytes(signature[:_P384_COORDINATE_BYTES], "big")
    s = int.from_bytes(signature[_P384_COORDINATE_BYTES:], "big")
    return encode_dss_signature(r, s)
