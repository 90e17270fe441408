"""Strings that a person is shown before typing a PIN: what may stand in them (protocol §3.2)."""

import unicodedata
from typing import Final

CLIENT_NAME_CHARACTERS: Final = 64
STATEMENT_CHARACTERS: Final = 2000

# Line and paragraph separators (Zl, Zp) could fake a second field; private use (Co) looks different everywhere.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that are drawn as nothing or as a blank: grapheme joiner, Hangul fillers, Khmer inherent vowels.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


class UndisplayableText(ValueError):
    """A display string that could show a person something else than it says."""


def check_display_text(text: str, *, limit_characters: int, allow_line_feed: bool = False) -> None:
    """Establish that every presenter shows this text as the same thing.

    Takes:  a limit in Unicode code points.
    Raises: UndisplayableText: too long, not NFC, outer white space, or a control, format, surrogate, private-use,
            unassigned or invisible character.
    Source: card presenter protocol §3.2.
    """
    if len(text) > limit_characters:
        raise UndisplayableText("too long")
    if text != text.strip():
        raise UndisplayableText("outer space")
    for character in text:
        if character == "\n" and allow_line_feed:
            continue
        if unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise UndisplayableText("refused character category")
        if character in _INVISIBLE:
            raise UndisplayableText("invisible character")
    if not unicodedata.is_normalized("NFC", text):
        raise UndisplayableText("not NFC")


def check_client_name(text: str) -> None:
    """Establish that a client's name can be shown: 1 to 64 characters under the rules above."""
    if not text:
        raise UndisplayableText("empty")
    check_display_text(text, limit_characters=CLIENT_NAME_CHARACTERS)
