"""Decryption of what clients encrypt to the provider, request objects for one (RFC 7516, OIDC Core §10.2).

Everything is measured and compared with lists before the first cryptographic operation, for the sender is nobody yet.
"""

import base64
import binascii
import re
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError

from idp.keys.errors import NotDecryptable
from idp.keys.jwe_algorithms import CONTENT_ENCRYPTION, ENCRYPTION_ALGORITHMS, ContentEncryption
from idp.keys.signer import KeyRing
from idp.keys.signing_key import SigningKey
from idp.strict_json import JsonLimits, read_json_object

MAXIMUM_CHARACTERS: Final = 32_768
_MAXIMUM_HEADER_CHARACTERS: Final = 1024
_HEADER_LIMITS: Final = JsonLimits(size_bytes=1024, depth=3, values=32)
_PART: Final = re.compile(r"[A-Za-z0-9_-]*")
_REQUIRED: Final = frozenset({"alg", "enc", "kid"})
_OPTIONAL: Final = frozenset({"typ", "cty"})
_AGREEMENT: Final = frozenset({"epk", "apu", "apv"})
_COORDINATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY_WRAP_BYTES: Final = 8
_RSA_BYTES: Final = 256
_REGISTRY: Final = jwe.JWERegistry(algorithms=[*ENCRYPTION_ALGORITHMS, *CONTENT_ENCRYPTION])


class KeyRingDecrypter:
    """Decrypts with the key ring's encryption keys; nothing that it is sent tells the sender why it failed."""

    def __init__(self, key_ring: KeyRing) -> None:
        self._key_ring = key_ring

    def decrypt(self, unverified_compact: str) -> bytes:
        """The plaintext of a compact JWE to one of our keys. That it opens says nothing about who wrote it.

        Raises:   NotDecryptable: everything else, whatever its form, without saying which.
        Source:   RFC 7516 §5.2, §11.5; RFC 8725 §3.1, §3.2, §3.3, §3.4.
        Stricter: ``kid`` is required and chooses the key, the key fixes ``alg``; a header member other than alg, enc,
                  kid, typ, cty and, for ECDH-ES, epk, apu, apv is refused: no zip, jwk, jku, x5u, p2c, crit.
        """
        try:
            parts = _split(unverified_compact)
            header = _parse_header(parts[0])
            key = self._find_key(header)
            _check_sizes(parts, key, CONTENT_ENCRYPTION[header["enc"]])
            opened = jwe.decrypt_compact(unverified_compact, key.key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise NotDecryptable from None
        if opened.plaintext is None:
            raise NotDecryptable
        return opened.plaintext

    def _find_key(self, header: dict[str, Any]) -> SigningKey:
        key = self._key_ring.find_decryption_key(header["kid"])
        if key is None or key.alg != header["alg"]:
            raise NotDecryptable
        return key


def _split(unverified_compact: str) -> list[str]:
    if len(unverified_compact) > MAXIMUM_CHARACTERS:
        raise NotDecryptable
    parts = unverified_compact.split(".", 5)
    if len(parts) != 5 or not all(map(_PART.fullmatch, parts)) or len(parts[0]) > _MAXIMUM_HEADER_CHARACTERS:
        raise NotDecryptable
    return parts


def _parse_header(text: str) -> dict[str, Any]:
    header = read_json_object(_decode(text), _HEADER_LIMITS)
    allowed = _REQUIRED | _OPTIONAL | _AGREEMENT if header.get("alg") == "ECDH-ES+A256KW" else _REQUIRED | _OPTIONAL
    if not _REQUIRED <= header.keys() <= allowed:
        raise NotDecryptable
    if not all(isinstance(value, str) for name, value in header.items() if name != "epk"):
        raise NotDecryptable
    if header["alg"] not in ENCRYPTION_ALGORITHMS or header["enc"] not in CONTENT_ENCRYPTION:
        raise NotDecryptable
    if header["alg"] == "ECDH-ES+A256KW":
        _check_ephemeral_key(header.get("epk"))
    return header


def _check_ephemeral_key(epk: object) -> None:
    # That the point is on the curve, OpenSSL finds when it is imported (RFC 8725 §3.4).
    if not isinstance(epk, dict) or epk.keys() != {"kty", "crv", "x", "y"}:
        raise NotDecryptable
    if (epk["kty"], epk["crv"]) != ("EC", "P-256"):
        raise NotDecryptable
    if not all(isinstance(epk[name], str) and _COORDINATE.fullmatch(epk[name]) for name in ("x", "y")):
        raise NotDecryptable


def _check_sizes(parts: list[str], key: SigningKey, content: ContentEncryption) -> None:
    wrapped = _RSA_BYTES if key.alg == "RSA-OAEP-256" else content.key_bytes + _KEY_WRAP_BYTES
    expected = (wrapped, content.iv_bytes, content.tag_bytes)
    if tuple(len(_decode(part)) for part in (parts[1], parts[2], parts[4])) != expected:
        raise NotDecryptable


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise NotDecryptable from None
