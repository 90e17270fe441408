"""JSON that strangers wrote, read in one meaning only and within limits that its reader states.

Source: RFC 8259 §4 (names should be unique: two readers might believe different ones), §9 (limits are allowed).
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

_LONGEST_INTEGER: Final = 16


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How much one text may be: bytes of UTF-8, levels of nesting, values in all."""

    size_bytes: int = 16 * 1024
    depth: int = 16
    values: int = 1024


class NotJson(ValueError):
    """Not JSON in one meaning within the limits; the message repeats nothing of it and may be told to its sender."""


def read_json(text: bytes, limits: JsonLimits) -> Any:
    """Read one JSON value.

    Takes:    UTF-8 without a byte order mark.
    Raises:   NotJson: not JSON, a member twice at any level, a lone surrogate, more than the limits.
    Source:   RFC 8259 §4, §8.1, §8.2, §9; RFC 7519 §4 and RFC 7515 §5.2 (a name twice is refused, or the last one
              counts: refused here).
    Stricter: NaN and Infinity, which Python reads and JSON does not have, are refused, and so are numbers that would
              become one, and integers of more than 16 digits, which other readers round.
    """
    if len(text) > limits.size_bytes:
        raise NotJson(f"more than {limits.size_bytes} bytes")
    try:
        value = _DECODER.decode(text.decode("utf-8"))
        if b"\\u" in text:
            # UTF-8 cannot spell a lone surrogate; an escape can.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON in UTF-8") from error
    _check_bounds(value, limits)
    return value


def read_json_object(text: bytes, limits: JsonLimits) -> dict[str, Any]:
    """The same for a text that has to be an object.

    Raises: NotJson.
    """
    value = read_json(text, limits)
    if not isinstance(value, dict):
        raise NotJson("not a JSON object")
    return value


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("a member stands twice in one object")
    return members


def _refuse_constant(_: str) -> None:
    raise NotJson("NaN and infinities are not JSON")


def _short_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _LONGEST_INTEGER:
        raise NotJson("a number is too long")
    return int(digits)


def _finite_float(digits: str) -> float:
    # 1e999 is JSON by its grammar, and Python reads it as infinity.
    value = float(digits)
    if not math.isfinite(value):
        raise NotJson("a number is too large")
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique_members,
    parse_constant=_refuse_constant,
    parse_int=_short_integer,
    parse_float=_finite_float,
)


def _check_bounds(value: Any, limits: JsonLimits) -> None:
    level: list[Any] = [value]
    count = 0
    for _ in range(limits.depth):
        count += len(level)
        if count > limits.values:
            raise NotJson(f"more than {limits.values} values")
        inner = [member for member in level if isinstance(member, dict | list)]
        if not inner:
            return
        level = [below for member in inner for below in (member.values() if isinstance(member, dict) else member)]
        if not level:
            return
    raise NotJson(f"nested deeper than {limits.depth} levels")
