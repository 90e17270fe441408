"""Rows of text in columns, for people."""

import unicodedata
from collections.abc import Sequence


def lay_out_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their headings; Japanese characters take two columns."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join("  ".join(map(_pad, line, widths)).rstrip() for line in lines)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
