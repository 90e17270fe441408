"""JSON of strangers: a text that says one thing only, bounded in size, depth and number of values."""

import json
from typing import Any, Final

MAXIMUM_BYTES: Final = 16 * 1024
MAXIMUM_DEPTH: Final = 16
MAXIMUM_VALUES: Final = 1024


class NotJson(ValueError):
    """Not JSON within the limits; the message says why and repeats nothing of it."""


def read_json_object(text: bytes) -> dict[str, Any]:
    """Read a JSON object; as ``read_json``, and NotJson for any other value."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise NotJson("no object")
    return value


def read_json(text: bytes) -> Any:
    """Read one JSON value.

    Takes:    UTF-8.
    Raises:   NotJson: not JSON, a member twice at any level, too long, too deep, too many values, a lone
              surrogate.
    Source:   RFC 8259 §4, §8.1, §9; RFC 7519 §4 (a claim twice is refused, or the last one counts: refused here).
    Stricter: NaN and Infinity, which Python reads and JSON does not have, are refused, and so is what would become one.
    """
    if len(text) > MAXIMUM_BYTES:
        raise NotJson("too long")
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_unique_members, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error
    _check_bounds(value)
    return value


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("a member twice")
    return members


def _refuse_constant(_: str) -> None:
    raise NotJson("not a number of JSON")


def _check_bounds(value: Any) -> None:
    level: list[Any] = [value]
    count = 0
    for _ in range(MAXIMUM_DEPTH):
        count += len(level)
        inner = [found for found in level if isinstance(found, dict | list)]
        level = [member for found in inner for member in (found.values() if isinstance(found, dict) else found)]
        if count > MAXIMUM_VALUES:
            raise NotJson("too many values")
        if not level:
            return
    raise NotJson("too deep")
