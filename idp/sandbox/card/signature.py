"""COMPUTE DIGITAL SIGNATURE: what the card makes of the bytes it is given (RFC 8017 §8.2.1, §9.2)."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from idp.sandbox.card.status_word import CommandRefused, StatusWord

VERBATIM: Final = 0x00
SHA256_HASH: Final = 0x02

_PADDING_BYTES: Final = 11
_SHA256_BYTES: Final = 32


def compute_signature(private_key: RSAPrivateKey, scheme: int, data: bytes) -> bytes:
    """A PKCS #1 v1.5 signature made as the card makes it: the card pads, the caller has hashed.

    Takes:   scheme, P1 of the command: 00 pads data as they are, 1 to 245 bytes, usually a DigestInfo; 02 takes a
             SHA-256 hash, 32 bytes, and puts the DigestInfo before it.
    Returns: as many bytes as the modulus has, 256.
    Raises:  CommandRefused: 6A86 for another scheme, 6700 for data of a wrong length.
    Source:  RFC 8017 §8.2.1, §9.2.
    Omitted: P1 01, 03, 04, 05 (hashing on the card, PSS), which real cards know and no presenter here uses.
    """
    if scheme == VERBATIM:
        if not 1 <= len(data) <= private_key.key_size // 8 - _PADDING_BYTES:
            raise CommandRefused(StatusWord.WRONG_LENGTH)
        return private_key.sign(data, PKCS1v15(), NoDigestInfo())
    if scheme == SHA256_HASH:
        if len(data) != _SHA256_BYTES:
            raise CommandRefused(StatusWord.WRONG_LENGTH)
        return private_key.sign(data, PKCS1v15(), Prehashed(SHA256()))
    raise CommandRefused(StatusWord.WRONG_PARAMETERS)
