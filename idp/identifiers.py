"""Random identifiers and secrets: 256 bits, written as 43 base64url characters, stored as SHA-256."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Final

Randomness = Callable[[int], bytes]

IDENTIFIER_BYTES: Final = 32
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_REFERENCE_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def encode_base64url(data: bytes) -> str:
    """Bytes as base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def new_identifier(randomness: Randomness = secrets.token_bytes) -> str:
    """A fresh unguessable value.

    Returns: 43 base64url characters, 256 bits (less 0.02, see below).
    """
    while True:
        identifier = encode_base64url(randomness(IDENTIFIER_BYTES))
        # An operator types identifiers at the command line, where a leading "-" would be read as an option.
        if not identifier.startswith("-"):
            return identifier


def is_identifier(text: str) -> bool:
    """Whether a text has the one canonical form of a 256-bit identifier (no padding, no loose trailing bits)."""
    return _IDENTIFIER.fullmatch(text) is not None


def hash_secret(secret: str) -> bytes:
    """What is stored in place of a random secret.

    Returns: SHA-256, 32 bytes. Enough because the secret has 256 random bits: there is nothing to guess.
    """
    return hashlib.sha256(secret.encode("utf-8")).digest()


def new_reference(randomness: Randomness = secrets.token_bytes) -> str:
    """A number that a person can read out to the operator, printed on pages, in errors and in the log.

    Returns: 10 characters out of 32 that are hard to confuse, 50 bits.
    """
    return "".join(_REFERENCE_ALPHABET[byte & 31] for byte in randomness(10))
