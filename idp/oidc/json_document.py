"""JSON that strangers wrote, read within limits and in one meaning only.

Source: RFC 8259 §4 (names should be unique: two readers might believe different ones), §9 (limits are allowed).
"""

import json
import math
from typing import Any, Final

MAXIMUM_DEPTH: Final = 8
MAXIMUM_VALUES: Final = 2000


class UnreadableJson(ValueError):
    """The bytes are not JSON in UTF-8, pass a limit, or say one thing twice; the message may be told to the sender."""


def parse_json_document(data: bytes, limit_bytes: int) -> Any:
    """Read a JSON text.

    Returns: its value; numbers that no double can hold, NaN and the infinities never come out.
    Raises:  UnreadableJson.
    """
    if len(data) > limit_bytes:
        raise UnreadableJson(f"more than {limit_bytes} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_constant=_refuse_constant,
            parse_int=_short_int,
            parse_float=_finite_float,
        )
    except UnreadableJson:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableJson("not JSON in UTF-8") from error
    _check_bounds(value)
    return value


def parse_json_object(data: bytes, limit_bytes: int) -> dict[str, Any]:
    """The same for a text that has to be an object.

    Raises: UnreadableJson.
    """
    value = parse_json_document(data, limit_bytes)
    if not isinstance(value, dict):
        raise UnreadableJson("not a JSON object")
    return value


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnreadableJson("a member stands twice in one object")
    return members


def _refuse_constant(_: str) -> None:
    raise UnreadableJson("NaN and infinities are not JSON")


def _short_int(digits: str) -> int:
    if len(digits) > 16:
        raise UnreadableJson("a number is too long")
    return int(digits)


def _finite_float(digits: str) -> float:
    # 1e999 is JSON by its grammar, and Python reads it as infinity
    value = float(digits)
    if not math.isfinite(value):
        raise UnreadableJson("a number is too large")
    return value


def _check_bounds(value: Any) -> None:
    level, count = [value], 0
    for _ in range(MAXIMUM_DEPTH):
        count += len(level)
        inner = [member for member in level if isinstance(member, dict | list)]
        level = [below for member in inner for below in (member.values() if isinstance(member, dict) else member)]
        if not level:
            break
    else:
        raise UnreadableJson(f"nested deeper than {MAXIMUM_DEPTH} levels")
    if count > MAXIMUM_VALUES:
        raise UnreadableJson(f"more than {MAXIMUM_VALUES} values")
    if any(_has_surrogate(text) for text in _texts(value)):
        raise UnreadableJson("a text is not Unicode")


def _texts(value: Any) -> list[str]:
    found, waiting = [], [value]
    while waiting:
        member = waiting.pop()
        if isinstance(member, str):
            found.append(member)
        elif isinstance(member, dict):
            found.extend(member)
            waiting.extend(member.values())
        elif isinstance(member, list):
            waiting.extend(member)
    return found


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
