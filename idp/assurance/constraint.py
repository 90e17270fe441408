"""One element of a claims request: null, or what its value must be (OIDC Core §5.5.1, OIDC4IDA §5.5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import rfc8785

MAXIMUM_VALUES: Final = 32
_MAXIMUM_MAX_AGE_SECONDS: Final = 200 * 366 * 86_400
QUERY_MEMBERS: Final = frozenset({"value", "values", "max_age"})


class InvalidClaimsRequest(ValueError):
    """A claims request that breaks its schema; ``where`` is the path of the member at fault, never its contents."""

    def __init__(self, where: str, rule: str) -> None:
        super().__init__(f"{where} {rule}")
        self.where = where


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a requested element must be to be returned.

    ``accepted`` are the canonical JSON texts (RFC 8785) of the values that suffice, in the client's order of
    preference, None for any; so ``1`` is not ``true``. ``max_age_seconds`` holds for moments only.
    """

    is_essential: bool = False
    accepted: tuple[str, ...] | None = None
    max_age_seconds: int | None = None

    def accepts(self, value: Any, *, moment: datetime | None = None, requested_at: datetime) -> bool:
        """Whether a value may be returned.

        Takes:  value, as JSON; moment, the time that the value stands for, None if it stands for none.
        Source: OIDC4IDA §5.5.2: the age is counted up to the request; §5.7.4: what does not match is not returned.
        """
        if self.accepted is not None and canonical_json(value) not in self.accepted:
            return False
        if self.max_age_seconds is None:
            return True
        return moment is not None and (requested_at - moment).total_seconds() <= self.max_age_seconds


ANY_VALUE: Final = Constraint()


def canonical_json(value: Any) -> str:
    """The RFC 8785 text of a JSON value, by which values are compared."""
    return rfc8785.dumps(value).decode("utf-8")


def parse_constraint(element: Any, where: str, *, is_text: bool = False) -> Constraint:
    """Read one element.

    Takes:   element, JSON; is_text, whether only texts can be its value.
    Raises:  InvalidClaimsRequest: neither null nor an object; a member of the wrong type; ``value`` and ``values``.
    Source:  OIDC Core §5.5.1; OIDC4IDA §5.3, §5.5.
    Omitted: members that are not understood are ignored, as OIDC Core §5.5.1 wants.
    """
    if element is None:
        return ANY_VALUE
    if not isinstance(element, dict):
        raise InvalidClaimsRequest(where, "must be null or an object")
    is_essential = element.get("essential", False)
    if not isinstance(is_essential, bool):
        raise InvalidClaimsRequest(f"{where}.essential", "must be true or false")
    return Constraint(is_essential, _accepted(element, where, is_text=is_text), _max_age(element, where))


def is_constrained(element: Any) -> bool:
    """Whether anything in a part of a request limits what may be returned, so that it cannot simply be left out."""
    if isinstance(element, dict):
        return not QUERY_MEMBERS.isdisjoint(element) or any(map(is_constrained, element.values()))
    return isinstance(element, list) and any(map(is_constrained, element))


def _accepted(element: dict[str, Any], where: str, *, is_text: bool) -> tuple[str, ...] | None:
    if "value" in element and "values" in element:
        raise InvalidClaimsRequest(where, "has both value and values")
    if "value" in element:
        values = [element["value"]]
    elif "values" in element:
        values = element["values"]
        if not isinstance(values, list) or not 0 < len(values) <= MAXIMUM_VALUES:
            raise InvalidClaimsRequest(f"{where}.values", f"must be a list of 1 to {MAXIMUM_VALUES} values")
    else:
        return None
    if is_text and not all(isinstance(value, str) for value in values):
        raise InvalidClaimsRequest(where, "can have texts only as its value")
    return tuple(map(canonical_json, values))


def _max_age(element: dict[str, Any], where: str) -> int | None:
    if "max_age" not in element:
        return None
    max_age = element["max_age"]
    if not isinstance(max_age, int) or isinstance(max_age, bool) or not 0 <= max_age <= _MAXIMUM_MAX_AGE_SECONDS:
        raise InvalidClaimsRequest(f"{where}.max_age", "must be a non-negative number of seconds")
    return max_age
