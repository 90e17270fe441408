"""A compact JWS taken apart by one strict reading, before anything in it is believed (RFC 7515 §3.1, §5.2)."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Final

from idp.strict_json import JsonLimits, NotJson, read_json_object

_LIMITS: Final = JsonLimits(size_bytes=16 * 1024, depth=8)
_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


class NotAToken(ValueError):
    """The text is not a signed JWT in compact form; the message says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """Header and claims as they came, and what a signature over them is to be verified with."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


def parse_compact(unverified_token: str, *, maximum_characters: int) -> UnverifiedToken:
    """Take a compact JWS with a JSON header and JSON claims apart.

    Raises: NotAToken: too long, not three base64url parts, not JSON objects.
    Source: RFC 7515 §5.2 (1-3); RFC 7519 §7.2; RFC 8725 §2.4 (no other serialization, no unsigned token).
    """
    if len(unverified_token) > maximum_characters:
        raise NotAToken("too long")
    match = _COMPACT.fullmatch(unverified_token)
    if match is None:
        raise NotAToken("not three parts of base64url")
    header, claims = _parse_object(match[1]), _parse_object(match[2])
    return UnverifiedToken(header, claims, f"{match[1]}.{match[2]}".encode("ascii"), decode_base64url(match[3]))


def decode_base64url(text: str) -> bytes:
    """The bytes of base64url without padding (RFC 7515 §2).

    Raises: NotAToken: it is not, or not in its one canonical form.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotAToken("not base64url") from None
    # Loose trailing bits would give one value many spellings.
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
        raise NotAToken("not canonical base64url")
    return data


def _parse_object(encoded: str) -> dict[str, Any]:
    try:
        return read_json_object(decode_base64url(encoded), _LIMITS)
    except NotJson as error:
        raise NotAToken(str(error)) from error
