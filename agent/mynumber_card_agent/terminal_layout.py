"""Text laid out so that no value can pass for another row: each line of a value carries a bar, however it wraps."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from mynumber_card_agent.confirmation import Confirmation, Row

_BAR: Final = "  | "
_LARGE_BAR: Final = "  # "


def _count_columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F", "A") else 1


def _wrap(line: str, columns: int) -> Iterator[str]:
    start, used = 0, 0
    for position, character in enumerate(line):
        width = _count_columns(character)
        if used + width > columns and position > start:
            yield line[start:position]
            start, used = position, 0
        used += width
    yield line[start:]


def _lay_out_row(row: Row, columns: int) -> Iterator[str]:
    yield f"{'! ' if row.weight == 'warning' else ''}{row.label}:"
    bar = _LARGE_BAR if row.weight == "largest" else _BAR
    for line in row.value.split("\n"):
        for part in _wrap(line, max(8, columns - len(bar))):
            yield bar + part


def lay_out(confirmation: Confirmation, columns: int) -> str:
    """All rows as lines of at most this many columns."""
    lines = [line for row in confirmation.rows for line in _lay_out_row(row, columns)]
    return "\n".join(lines)
