"""Strings that a person is shown before typing a PIN: what may stand in them (protocol §3.2)."""

import unicodedata
from typing import Final

CLIENT_NAME_CHARACTERS: Final = 64
STATEMENT_CHARACTERS: Final = 2000

# Line and paragraph separators (Zl, Zp) could fake a second field; private use (Co) looks different everywhere.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class UndisplayableText(ValueError):
    """A display string that could show a person something else than it says."""


def check_display_text(text: str, *, limit_characters: int, allow_line_feed: bool = False) -> None:
    """Establish that every presenter shows this text as the same thing.

    Takes:  a limit in Unicode code points.
    Raises: UndisplayableText: too long, not NFC, outer space, or a control, format, surrogate, private-use or
            unassigned character.
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
    if not unicodedata.is_normalized("NFC", text):
        raise UndisplayableText("not NFC")


def check_client_name(text: str) -> None:
    """Establish that a client's name can be shown: 1 to 64 characters under the rules above."""
    if not text:
        raise UndisplayableText("empty")
    check_display_text(text, limit_characters=CLIENT_NAME_CHARACTERS)
