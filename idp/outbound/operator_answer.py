"""The bytes of an operator's answer: limited, one JSON object, and the answer to this very request."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from idp.outbound.operator_errors import OperatorFailed
from idp.strict_json import JsonLimits, NotJson, read_json_object

ANSWER_LIMIT_BYTES: Final = 16_384
_LIMITS: Final = JsonLimits(size_bytes=ANSWER_LIMIT_BYTES, depth=8)
# A clock a little ahead is an operator's everyday; an answer about tomorrow is not.
_CLOCK_SKEW: Final = timedelta(seconds=60)


def parse_answer(unverified: bytes) -> Mapping[str, Any]:
    """One JSON object without a doubled member.

    Raises: OperatorFailed: garbage, too_long.
    """
    if len(unverified) > ANSWER_LIMIT_BYTES:
        raise OperatorFailed("too_long")
    try:
        return read_json_object(unverified, _LIMITS)
    except NotJson:
        raise OperatorFailed("garbage") from None


def check_answers_request(answer: Mapping[str, Any], check_id: str, request_hash: str) -> None:
    """Establish that the answer belongs to this request, and not to another person's at the same moment.

    Raises: OperatorFailed: other_request.
    """
    if answer.get("check_id") != check_id or answer.get("request_hash") != request_hash:
        raise OperatorFailed("other_request")


def read_text(answer: Mapping[str, Any], name: str, limit_characters: int = 256) -> str:
    """A member that is a text, neither empty nor longer than the limit.

    Raises: OperatorFailed: garbage.
    """
    value = answer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit_characters:
        raise OperatorFailed("garbage")
    # Control, format, surrogate and unassigned characters; the ideographic space of names is none of them.
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise OperatorFailed("garbage")
    return value


def read_moment(answer: Mapping[str, Any], name: str, now: datetime) -> datetime:
    """A member that is a moment, and not in the future.

    Takes:  RFC 3339 in UTC, whole seconds or less: ``2026-11-22T07:29:50Z``.
    Raises: OperatorFailed: garbage, from_the_future.
    """
    text = read_text(answer, name, 32)
    try:
        moment = datetime.fromisoformat(text) if text.endswith("Z") else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() != timedelta(0):
        raise OperatorFailed("garbage")
    if moment > now + _CLOCK_SKEW:
        raise OperatorFailed("from_the_future")
    return moment.astimezone(UTC).replace(microsecond=0)
