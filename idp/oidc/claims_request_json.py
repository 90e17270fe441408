"""The text of the ``claims`` parameter as JSON within limits, in the one form in which it is kept."""

import json
from typing import Any, Final

import rfc8785

from idp.assurance.constraint import InvalidClaimsRequest, canonical_json

MAXIMUM_CHARACTERS: Final = 8192
MAXIMUM_DEPTH: Final = 16
MAXIMUM_VALUES: Final = 1024


def read_claims_json(text: str) -> tuple[dict[str, Any], str]:
    """Read a JSON object that says one thing only.

    Returns: the object, and its RFC 8785 text, from which the same object is read again.
    Raises:  InvalidClaimsRequest: not JSON; no object; a member twice; too long, too deep, too many values; numbers
             and texts that have no canonical form.
    Source:  OIDC Core §5.5; RFC 8259 §4 (names should be unique: two readers might believe different ones).
    """
    if len(text) > MAXIMUM_CHARACTERS:
        raise InvalidClaimsRequest("claims", f"has more than {MAXIMUM_CHARACTERS} characters")
    try:
        value = json.loads(text, object_pairs_hook=_unique_members)
        canonical = canonical_json(value)
        value = json.loads(canonical)
        # 1e20 is a number that comes back as an integer too large to be written again.
        is_stable = canonical_json(value) == canonical and len(canonical) <= MAXIMUM_CHARACTERS
    except InvalidClaimsRequest:
        raise
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise InvalidClaimsRequest("claims", "is not JSON that can be read") from error
    if not is_stable:
        raise InvalidClaimsRequest("claims", "has no canonical form within the limits")
    if not isinstance(value, dict):
        raise InvalidClaimsRequest("claims", "must be an object")
    _check_bounds(value)
    return value, canonical


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidClaimsRequest("claims", "has a member twice")
    return members


def _check_bounds(value: Any) -> None:
    level, count = [value], 0
    for _ in range(MAXIMUM_DEPTH):
        count += len(level)
        inner = [v for v in level if isinstance(v, dict | list)]
        level = [member for v in inner for member in (v.values() if isinstance(v, dict) else v)]
        if not level:
            break
    else:
        raise InvalidClaimsRequest("claims", f"is nested deeper than {MAXIMUM_DEPTH} levels")
    if count > MAXIMUM_VALUES:
        raise InvalidClaimsRequest("claims", f"has more than {MAXIMUM_VALUES} values")
