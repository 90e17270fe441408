"""The one table of what can be said about a person here; metadata, consent and release all read it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from idp.assurance.predicate import Area, Predicate
from idp.assurance.trust_framework import TrustFramework

BaseClaim = Literal["name", "address", "birthdate", "gender"]
BASE_CLAIMS: Final[tuple[BaseClaim, ...]] = ("name", "birthdate", "address", "gender")
_WITH_SUBSTITUTIONS: Final[tuple[BaseClaim, ...]] = ("name", "address")
_OLDEST_YEARS: Final = 130
AGE_THRESHOLDS: Final = (13, 15, 16, 18, 20, 25, 60, 65, 70, 75)


@dataclass(frozen=True, slots=True, eq=False)
class ClaimsPolicy:
    """What the operator lets this provider say; the same only as itself, or each look into its table would hash it all.

    ``frameworks`` in the order in which an open request gets them; ``has_status_source`` says that certificates are
    looked up. ``age_thresholds`` and ``areas`` are the questions that may be asked, ``questions_a_year`` how many
    different ones of a kind one sector gets answered about one person.
    """

    issuer: str
    frameworks: tuple[TrustFramework, ...]
    has_status_source: bool
    age_thresholds: tuple[int, ...] = AGE_THRESHOLDS
    areas: tuple[Area, ...] = ()
    questions_a_year: int = 3

    def __post_init__(self) -> None:
        if not self.frameworks:
            raise ValueError("something is always said under a trust framework")
        if not all(0 < threshold < _OLDEST_YEARS for threshold in self.age_thresholds):
            raise ValueError("an age threshold is a number of years that people reach")
        if len({area.code for area in self.areas}) != len(self.areas):
            raise ValueError("an area's code is there twice")


@dataclass(frozen=True, slots=True)
class SupportedClaim:
    """One claim that may be released.

    ``consent_key`` is the item a person agrees to; ``is_substitution_map`` marks the claim that says which characters
    of the base claim stand for others.
    """

    name: str
    base: BaseClaim
    consent_key: str
    predicate: Predicate | None = None
    is_substitution_map: bool = False


@lru_cache(maxsize=8)
def supported_claims(policy: ClaimsPolicy) -> dict[str, SupportedClaim]:
    """Every claim about the person, by the name under which it is asked for and returned.

    A predicate has two names: ``::age_20_or_over`` as predefined here, ``:age_20_or_over`` as defined in the request.
    """
    supported: dict[str, SupportedClaim] = {base: SupportedClaim(base, base, base) for base in BASE_CLAIMS}
    for base in _WITH_SUBSTITUTIONS:
        uri = f"{policy.issuer}/claims/{base}_substitutions"
        supported[uri] = SupportedClaim(uri, base, base, is_substitution_map=True)
    for predicate in predicates(policy).values():
        asked_of: BaseClaim = "birthdate" if predicate.kind == "age" else "address"
        for name in (f"::{predicate.name}", f":{predicate.name}"):
            supported[name] = SupportedClaim(name, asked_of, predicate.name, predicate)
    return supported


def predicates(policy: ClaimsPolicy) -> dict[str, Predicate]:
    """The questions that may be asked, by their names without colons."""
    ages = [Predicate("age", threshold=threshold) for threshold in policy.age_thresholds]
    areas = [Predicate("residence", area=area) for area in policy.areas]
    return {predicate.name: predicate for predicate in (*ages, *areas)}


def predefined_transformed_claims(policy: ClaimsPolicy) -> dict[str, Any]:
    """The questions as metadata: ``transformed_claims_predefined`` of Advanced Syntax for Claims (draft 01)."""
    return {name: predicate.definition() for name, predicate in predicates(policy).items()}
