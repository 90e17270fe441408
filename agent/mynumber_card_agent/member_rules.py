"""The rules of single members of a transaction: display strings, ASCII strings, times, the redirect address.

Protocol §3.2. A member that breaks its rule stops the signature, so each rule names the member and never its value.
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from mynumber_card_agent.outcomes import AgentError, Outcome

_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that are drawn as nothing or as a blank: grapheme joiner, Hangul fillers, Khmer inherent vowels.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_PRINTABLE_ASCII: Final = re.compile(r"[\x20-\x7e]*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_TIME: Final = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# RFC 3986 §4.3, absolute-URI: exactly its characters and no fragment. A backslash, which browsers read as a slash,
# and user information, which reads like a host, have no place in an address that a person is to judge.
_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")


def _refuse(member: str, rule: str) -> AgentError:
    return AgentError(Outcome.INVALID_ANSWER, f"{member}: {rule}")


def check_display_string(member: str, text: str, *, shortest: int, longest: int, line_feed: bool = False) -> None:
    """Establish that a text shows a person what it says: NFC, nothing invisible, nothing that reorders.

    Takes:  lengths in Unicode characters (code points). Leading and trailing space is any white space of Unicode.
    Raises: AgentError(INVALID_ANSWER).
    """
    if not shortest <= len(text) <= longest:
        raise _refuse(member, f"{shortest} to {longest} characters")
    for character in text:
        if unicodedata.category(character) in _FORBIDDEN_CATEGORIES and not (line_feed and character == "\n"):
            raise _refuse(member, "a control, format, surrogate, private-use, unassigned or separator character")
    if not _INVISIBLE.isdisjoint(text):
        raise _refuse(member, "an invisible character")
    if text != text.strip():
        raise _refuse(member, "leading or trailing space")
    if not unicodedata.is_normalized("NFC", text):
        raise _refuse(member, "not in Unicode NFC")


def check_printable_ascii(member: str, text: str, *, shortest: int, longest: int) -> None:
    """Establish that a text has only the characters U+0020 to U+007E, and this many."""
    if not shortest <= len(text) <= longest or _PRINTABLE_ASCII.fullmatch(text) is None:
        raise _refuse(member, f"{shortest} to {longest} printable ASCII characters")


def check_identifier(member: str, text: str) -> None:
    """Establish that a text is 43 base64url characters: 256 bits."""
    if _IDENTIFIER.fullmatch(text) is None:
        raise _refuse(member, "43 base64url characters")


def parse_time(member: str, text: str) -> datetime:
    """A moment written as ``YYYY-MM-DDThh:mm:ssZ``.

    Returns: an aware UTC datetime.
    """
    if _TIME.fullmatch(text) is None:
        raise _refuse(member, "YYYY-MM-DDThh:mm:ssZ")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _refuse(member, "not a moment of the calendar") from error


def parse_redirect_host(redirect_uri: str) -> str:
    """The name that a person judges in the address where the sign-in leads.

    Returns: the host in lower case; for an address without one (an app's own scheme), the scheme with its colon.
    Raises:  AgentError(INVALID_ANSWER): no absolute URI, user information, a host that is no A-label or address.
    Source:  RFC 3986 §4.3, §3.2; RFC 8252 §7.1 for private-use schemes.
    """
    if len(redirect_uri) > 2000 or _ABSOLUTE_URI.fullmatch(redirect_uri) is None:
        raise _refuse("redirect_uri", "an absolute URI of at most 2000 ASCII characters")
    try:
        parts = urlsplit(redirect_uri)
        host = parts.hostname or ""
        has_valid_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise _refuse("redirect_uri", "a malformed host or port") from error
    if "@" in parts.netloc or not has_valid_port:
        raise _refuse("redirect_uri", "user information or a malformed port")
    if parts.netloc:
        if _HOST.fullmatch(host) is None:
            raise _refuse("redirect_uri", "a host that is neither an A-label nor an address")
        return f"[{host}]" if ":" in host else host
    if parts.scheme in ("http", "https"):
        raise _refuse("redirect_uri", "no host")
    return f"{parts.scheme}:"
