"""Where in the operator's file a key stands, so that a refusal can name the line."""

import re
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_ASSIGNMENT: Final = re.compile(r"\s*\"?([\w-]+)\"?\s*=")


def find_source_line(text: str, path: tuple[str | int, ...]) -> int | None:
    """The line of a key, or of its table where the key itself is missing.

    Takes:   the file's text; a path such as ("jpki", "crl", 0, "source").
    Returns: a number from 1, or None where neither stands there in the ordinary form. It helps a reader and decides
             nothing, so inline tables are not looked into.
    """
    lines = _number_lines(text)
    for length in range(len(path), 0, -1):
        found = lines.get(path[:length])
        if found is not None:
            return found
    return None


def _number_lines(text: str) -> dict[tuple[str | int, ...], int]:
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[str, int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            name = header[2]
            table = tuple(name.split("."))
            if header[1] == "[[":
                table = (*table, counts.get(name, 0))
                counts[name] = counts.get(name, 0) + 1
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault((*table, assignment[1]), number)
    return lines
