"""Sealing: values that travel or rest outside our hands and come back unread and unchanged."""

import base64
import binascii
import hmac
import secrets
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.identifiers import Randomness, encode_base64url
from idp.keys.errors import Unsealable

KEY_BYTES: Final = 32
_FORMAT: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = len(_FORMAT) + _SALT_BYTES + _NONCE_BYTES


class Sealer:
    """Seals under keys derived from one key, a different one for every purpose.

    AES-256-GCM; the purpose is in the key, the context is authenticated. Each message has its own key, derived from a
    random salt, because random 96-bit nonces alone would wear a key out after 2^32 messages.
    Source: NIST SP 800-38D §8.3 (the limit); RFC 5869 (HKDF); RFC 5116 §5.2 (AEAD_AES_256_GCM).
    """

    def __init__(self, key: bytes, randomness: Randomness = secrets.token_bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
        self._key = key
        self._randomness = randomness
        self._derive = lru_cache(maxsize=64)(lambda purpose: _derive_purpose_key(key, purpose))

    def seal(self, purpose: str, context: bytes, plaintext: bytes) -> str:
        """A text that only this purpose and context open again.

        Takes:   purpose, a constant of the code; context, what the value belongs to (a row, a browser), not secret.
        Returns: base64url without padding, 60 characters more than the plaintext's.
        """
        salt, nonce = self._randomness(_SALT_BYTES), self._randomness(_NONCE_BYTES)
        ciphertext = self._open_cipher(purpose, salt).encrypt(nonce, plaintext, context)
        return encode_base64url(_FORMAT + salt + nonce + ciphertext)

    def unseal(self, purpose: str, context: bytes, sealed: str) -> bytes:
        """What was sealed for this purpose and context.

        Raises: Unsealable: everything else, whatever its form.
        """
        blob = _parse_base64url(sealed)
        if len(blob) < _HEAD_BYTES + _TAG_BYTES or not blob.startswith(_FORMAT):
            raise Unsealable
        salt, nonce = blob[1 : 1 + _SALT_BYTES], blob[1 + _SALT_BYTES : _HEAD_BYTES]
        try:
            return self._open_cipher(purpose, salt).decrypt(nonce, blob[_HEAD_BYTES:], context)
        except InvalidTag:
            raise Unsealable from None

    def derive_key(self, purpose: str) -> bytes:
        """A key for something else than sealing, 32 bytes, the same in every process that has the sealing key."""
        return _derive(self._key, b"mynumber-idp/v1/key/" + purpose.encode("utf-8"))

    def _open_cipher(self, purpose: str, salt: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._derive(purpose), salt, "sha256"))


def _derive_purpose_key(key: bytes, purpose: str) -> bytes:
    return _derive(key, b"mynumber-idp/v1/seal/" + purpose.encode("utf-8"))


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _parse_base64url(text: str) -> bytes:
    try:
        blob = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unsealable from None
    # One value, one text: loose trailing bits and padding would give a sealed value many spellings.
    if encode_base64url(blob) != text:
        raise Unsealable
    return blob
