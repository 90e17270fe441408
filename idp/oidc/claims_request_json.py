"""The text of the ``claims`` parameter as JSON within limits, in the one form in which it is kept."""

from typing import Any, Final

import rfc8785

from idp.assurance.constraint import InvalidClaimsRequest, canonical_json
from idp.strict_json import JsonLimits, NotJson, read_json_object

MAXIMUM_CHARACTERS: Final = 8192
_LIMITS: Final = JsonLimits(size_bytes=4 * MAXIMUM_CHARACTERS)


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
        value = read_json_object(text.encode("utf-8"), _LIMITS)
        canonical = canonical_json(value)
        value = read_json_object(canonical.encode("utf-8"), _LIMITS)
        # 1e15 is a number that comes back as an integer: the second reading is the one that counts.
        is_stable = canonical_json(value) == canonical and len(canonical) <= MAXIMUM_CHARACTERS
    except NotJson as error:
        raise InvalidClaimsRequest("claims", f"cannot be read: {error}") from error
    except (ValueError, rfc8785.CanonicalizationError) as error:
        raise InvalidClaimsRequest("claims", "is not JSON that can be read") from error
    if not is_stable:
        raise InvalidClaimsRequest("claims", "has no canonical form within the limits")
    return value, canonical
