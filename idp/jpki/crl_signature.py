"""Whether an anchor signed a list, over the bytes as they came (RFC 5280 §5.1.1).

The library encodes the signed part anew before it verifies: a second of CPU at half a million entries. Here the signed
bytes are the ones between the two headers, so what is verified is also what was sent.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from idp.jpki.trust_anchors import AnchorPublicKey

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_RSA_SHA256: Final = "1.2.840.113549.1.1.11"
_ECDSA_SHA384: Final = "1.2.840.10045.4.3.3"


def has_signed_crl(public_key: AnchorPublicKey, crl: x509.CertificateRevocationList, der: bytes) -> bool:
    """Whether the key signed the list with the one algorithm that its kind of key uses here.

    Takes:  crl, parsed out of exactly these bytes.
    Raises: ValueError: the bytes are not laid out as a list is.
    Source: RFC 5280 §5.1.1.2: the algorithm outside equals the one inside, which is signed.
    """
    start, _ = _open(der, 0, _SEQUENCE)
    inside, signed_end = _open(der, start, _SEQUENCE)
    if der[inside] == _INTEGER:
        _, inside = _open(der, inside, _INTEGER)
    algorithm_end = _open(der, signed_end, _SEQUENCE)[1]
    if der[inside : _open(der, inside, _SEQUENCE)[1]] != der[signed_end:algorithm_end]:
        return False
    bits, end = _open(der, algorithm_end, _BIT_STRING)
    if end != len(der) or der[bits] != 0:
        return False  # a signature is whole bytes, and the last thing in the list
    algorithm = crl.signature_algorithm_oid.dotted_string
    signed = der[start:signed_end]
    try:
        if isinstance(public_key, rsa.RSAPublicKey) and algorithm == _RSA_SHA256:
            public_key.verify(crl.signature, signed, padding.PKCS1v15(), SHA256())
            return True
        if isinstance(public_key, ec.EllipticCurvePublicKey) and algorithm == _ECDSA_SHA384:
            public_key.verify(crl.signature, signed, ec.ECDSA(SHA384()))
            return True
    except InvalidSignature:
        return False
    return False


def _open(der: bytes, offset: int, tag: int) -> tuple[int, int]:
    """Where the content of an element begins, and where the element ends (X.690 §8.1, definite lengths only)."""
    if offset + 2 > len(der) or der[offset] != tag:
        raise ValueError("unexpected element")
    first = der[offset + 1]
    begin = offset + 2
    if first < 0x80:
        length = first
    else:
        begin += first & 0x7F
        length = int.from_bytes(der[offset + 2 : begin], "big")
    if first == 0x80 or begin + length > len(der):
        raise ValueError("element is cut off")
    return begin, begin + length
