"""Request parameters as one unambiguous reading of an ``application/x-www-form-urlencoded`` text.

Implements RFC 6749 §3.1 and §3.2 (no parameter twice, an empty one is as if absent) and appendix B.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from idp.oidc.errors import ErrorCode, OAuthError

MAXIMUM_BYTES: Final = 16 * 1024
MAXIMUM_COUNT: Final = 64
MAXIMUM_NAME_CHARACTERS: Final = 128
DEFAULT_VALUE_CHARACTERS: Final = 2048
# Tokens are long by nature; what will be stored with a sign-in or echoed in a header is not.
VALUE_CHARACTERS: Final = {
    "id_token_hint": 8192,
    "client_assertion": 8192,
    "claims": 8192,
    "authorization_details": 4096,
    "request": 16 * 1024,
    "registration": 8192,
    "client_id": 256,
    "nonce": 512,
    "code": 256,
    "login_hint": 512,
    "logout_hint": 512,
    "ui_locales": 256,
    "claims_locales": 256,
    "acr_values": 1024,
    "scope": 1024,
    "token": 8192,
    "access_token": 8192,
}

# The names that requests to this provider have; only they are ever repeated in a log line.
KNOWN_NAMES: Final = frozenset(VALUE_CHARACTERS) | {
    "access_token", "acr_values", "client_assertion_type", "client_secret", "code_challenge", "code_challenge_method",
    "code_verifier", "display", "dpop_jkt", "grant_type", "max_age", "post_logout_redirect_uri", "prompt",
    "redirect_uri", "refresh_token", "request_uri", "resource", "response_mode", "response_type", "state", "token",
    "token_type_hint",
}  # fmt: skip

# RFC 8707 §2: the one parameter that may be given more than once.
_REPEATABLE: Final = frozenset({"resource"})
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORM_TEXT: Final = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request.

    ``encoded`` is the text they were read from; ``duplicated`` the first name that came more than once, which the
    caller refuses when it knows where the refusal may go.
    """

    encoded: str
    pairs: tuple[tuple[str, str], ...]
    duplicated: str | None

    def get(self, name: str) -> str | None:
        """The value; None if absent or empty (RFC 6749 §3.1). Of a doubled name the first."""
        for key, value in self.pairs:
            if key == name:
                return value or None
        return None

    def get_all(self, name: str) -> tuple[str, ...]:
        """The values of a name in order, without empty ones."""
        return tuple(value for key, value in self.pairs if key == name and value)

    def count(self, name: str) -> int:
        """How often a name came, empty or not."""
        return sum(key == name for key, _ in self.pairs)

    def check_unique(self) -> None:
        """Refuse a request that says something twice: two readers might believe different halves of it.

        Raises: OAuthError invalid_request.
        Source: RFC 6749 §3.1, §3.2.
        """
        if self.duplicated is not None:
            # A name that we do not know may be a value, of a body that was put together wrongly.
            name = self.duplicated if self.duplicated in KNOWN_NAMES else "another name"
            raise OAuthError(ErrorCode.INVALID_REQUEST, "A parameter is given more than once.", detail=f"twice: {name}")

    @property
    def request_hash(self) -> bytes:
        """SHA-256 over the sorted pairs as JSON, so that equal requests have one hash, however they were encoded.

        Returns: 32 bytes.
        """
        canonical = json.dumps(sorted(self.pairs), separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).digest()


def parse_parameters(
    encoded: str, *, maximum_bytes: int = MAXIMUM_BYTES, maximum_count: int = MAXIMUM_COUNT
) -> Parameters:
    """Read a query string or a form body, or refuse it.

    Takes:    the text as it came, still percent-encoded; ASCII, because the encoding is.
    Returns:  the pairs in order, names and values decoded from UTF-8.
    Raises:   OAuthError invalid_request: too long, too many, a value over its own limit, a broken percent-encoding,
              not UTF-8, a NUL.
    Source:   RFC 6749 §3.1, appendix B; WHATWG URL §5.1.
    Stricter: a broken ``%`` escape or invalid UTF-8 is refused, where browsers would repair it: what is repaired
              differently by two readers can be smuggled past one of them.
    """
    if len(encoded) > maximum_bytes:
        raise _refusal("The request is too long.", "too long", status=413)
    if _FORM_TEXT.fullmatch(encoded) is None or _BROKEN_ESCAPE.search(encoded) is not None:
        raise _refusal("The request is not correctly encoded.", "not form-urlencoded")
    pieces = [piece for piece in encoded.split("&") if piece]
    if len(pieces) > maximum_count:
        raise _refusal("The request has too many parameters.", "too many parameters")
    pairs = tuple(_decode_pairs(pieces))
    return Parameters(encoded, pairs, _find_duplicated(pairs))


def _decode_pairs(pieces: list[str]) -> Iterator[tuple[str, str]]:
    for piece in pieces:
        encoded_name, _, encoded_value = piece.partition("=")
        try:
            name = unquote_plus(encoded_name, errors="strict")
            value = unquote_plus(encoded_value, errors="strict")
        except UnicodeDecodeError as error:
            raise _refusal("The request is not UTF-8.", "not UTF-8") from error
        if "\0" in name or "\0" in value:
            raise _refusal("The request contains a NUL character.", "NUL")
        if len(name) > MAXIMUM_NAME_CHARACTERS:
            raise _refusal("A parameter's name is too long.", "name too long")
        if len(value) > VALUE_CHARACTERS.get(name, DEFAULT_VALUE_CHARACTERS):
            raise _refusal("A parameter is too long.", f"too long: {name!r}")
        yield name, value


def _find_duplicated(pairs: tuple[tuple[str, str], ...]) -> str | None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen and name not in _REPEATABLE:
            return name
        seen.add(name)
    return None


def _refusal(description: str, detail: str, *, status: int = 400) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, description, detail=detail, status=status)
