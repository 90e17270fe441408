"""JSON from the network, read so that nothing is guessed: UTF-8, no doubled member, no NaN."""

import json
from typing import Any, NoReturn

from mynumber_card_agent.outcomes import AgentError, Outcome

JsonObject = dict[str, Any]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def parse_object(unverified_body: bytes) -> JsonObject:
    """One JSON object.

    Raises: AgentError(INVALID_ANSWER): anything else, however broken.
    Source: RFC 8259; I-JSON, RFC 7493 §2.3 (no duplicate names).
    """
    try:
        value = json.loads(
            unverified_body.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise AgentError(Outcome.INVALID_ANSWER, "the answer is not well-formed JSON") from error
    if not isinstance(value, dict):
        raise AgentError(Outcome.INVALID_ANSWER, "the answer is not a JSON object")
    return value


def check_members(members: JsonObject, expected: frozenset[str]) -> None:
    """Establish that an object has exactly these members.

    Raises: AgentError(INVALID_ANSWER). The names that came are not repeated: they are not to be trusted on a screen.
    """
    if members.keys() != expected:
        raise AgentError(Outcome.INVALID_ANSWER, f"the members must be exactly: {', '.join(sorted(expected))}")


def get_text(members: JsonObject, name: str) -> str:
    """A member that must be a string.

    Raises: AgentError(INVALID_ANSWER).
    """
    value = members.get(name)
    if not isinstance(value, str):
        raise AgentError(Outcome.INVALID_ANSWER, f"{name} must be a string")
    return value
