"""Questions that a client defines in its request: ``_asc.transformed_claims`` (Advanced Syntax for Claims, draft 01).

The draft accepts definitions only in requests that nobody can alter, because a person could turn "18" into "12". Here a
definition is accepted only under the name that says the same, so an altered question answers under another name.
"""

from dataclasses import dataclass
from typing import Any, Final

from idp.assurance.claims_policy import BASE_CLAIMS, ClaimsPolicy, predicates
from idp.assurance.constraint import InvalidClaimsRequest, canonical_json
from idp.assurance.metadata import MAXIMUM_TRANSFORMED_CLAIMS
from idp.assurance.predicate import MAXIMUM_FUNCTIONS

_WHERE: Final = "claims._asc.transformed_claims"


@dataclass(frozen=True, slots=True)
class TransformedClaim:
    """A definition as the client sent it; ``functions`` is the canonical JSON of ``fn``, without needless brackets."""

    name: str
    base: str
    functions: str
    depth: int


def parse_transformed_claims(claims: dict[str, Any]) -> tuple[TransformedClaim, ...]:
    """Read the definitions of a claims request.

    Takes:  claims, the whole parameter.
    Raises: InvalidClaimsRequest: not the shape of the draft.
    """
    advanced = _object(claims.get("_asc", {}), "claims._asc")
    definitions = _object(advanced.get("transformed_claims", {}), _WHERE)
    return tuple(_parse(name, definition) for name, definition in definitions.items())


def check_transformed_claims(definitions: tuple[TransformedClaim, ...], policy: ClaimsPolicy) -> None:
    """Refuse definitions that this provider cannot or will not answer.

    Raises: InvalidClaimsRequest: too many or too deep (the draft's first error); another function, another argument or
            another name than those of the metadata (its second). A base claim that is unknown is no error (its third).
    """
    if len(definitions) > MAXIMUM_TRANSFORMED_CLAIMS:
        raise InvalidClaimsRequest(_WHERE, f"has more than {MAXIMUM_TRANSFORMED_CLAIMS} members")
    if any(definition.depth > MAXIMUM_FUNCTIONS for definition in definitions):
        raise InvalidClaimsRequest(f"{_WHERE}.*.fn", f"has more than {MAXIMUM_FUNCTIONS} functions")
    known = find_defined(definitions, policy)
    for definition in definitions:
        if definition.base in BASE_CLAIMS and definition.name not in known:
            raise InvalidClaimsRequest(
                f"{_WHERE}.*", "must ask one of transformed_claims_predefined, under the name that it has there"
            )


def find_defined(definitions: tuple[TransformedClaim, ...], policy: ClaimsPolicy) -> frozenset[str]:
    """The names, without colon, whose definition says what the name says."""
    known = predicates(policy)
    return frozenset(
        definition.name
        for definition in definitions
        if (predicate := known.get(definition.name)) is not None
        and predicate.definition()["claim"] == definition.base
        and canonical_json(predicate.definition()["fn"]) == definition.functions
    )


def _parse(name: str, definition: Any) -> TransformedClaim:
    members = _object(definition, f"{_WHERE}.*")
    base, functions = members.get("claim"), members.get("fn")
    if name.startswith(":") or not isinstance(base, str) or not isinstance(functions, list) or not functions:
        raise InvalidClaimsRequest(f"{_WHERE}.*", "must have claim, a text, and fn, a list, under a name without colon")
    plain = [_parse_function(function) for function in functions]
    return TransformedClaim(name, base, canonical_json(plain), len(plain))


def _parse_function(function: Any) -> Any:
    if isinstance(function, str):
        return function
    if not isinstance(function, list) or not function or not isinstance(function[0], str):
        raise InvalidClaimsRequest(f"{_WHERE}.*.fn", "must have functions: a text, or a list that begins with one")
    return function[0] if len(function) == 1 else function


def _object(element: Any, where: str) -> dict[str, Any]:
    if not isinstance(element, dict):
        raise InvalidClaimsRequest(where, "must be an object")
    return element
