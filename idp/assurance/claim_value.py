"""From the attributes of a signing certificate to the value of a claim; nothing is split that it does not split."""

from datetime import datetime
from typing import Any

from idp.assurance.claims_policy import SupportedClaim
from idp.assurance.constraint import Constraint
from idp.assurance.predicate import japanese_end_of_day
from idp.evidence import BasicFour


def find_claim_value(claim: SupportedClaim, attributes: BasicFour, now: datetime) -> Any:
    """The value as JSON, None where the certificate does not say.

    Returns: name as it stands, substitute characters included; birthdate ``YYYY-MM-DD``; gender ``male`` or
             ``female``, None if unknown; address ``{"formatted", "country_code"}``; a predicate's answer; positions
             from 0 of substitute characters.
    Source:  OIDC Core §5.1, §5.1.1; IDA Claims Registration §4 (country_code, ISO 3166-1 alpha-3 preferred).
    """
    if claim.predicate is not None:
        return claim.predicate.find_answer(attributes, now)
    if claim.base == "name":
        return list(attributes.name_substitutions) if claim.is_substitution_map else attributes.name
    if claim.base == "birthdate":
        return attributes.birthdate.isoformat()
    if claim.base == "gender":
        return None if attributes.gender == "unknown" else attributes.gender
    if claim.is_substitution_map:
        return list(attributes.address_substitutions)
    return {"formatted": attributes.address, "country_code": "JPN"}


def is_accepted(
    constraint: Constraint, claim: SupportedClaim, value: Any, attributes: BasicFour, requested_at: datetime
) -> bool:
    """Whether a claim's value is one that the client wants."""
    moment = japanese_end_of_day(attributes.birthdate) if claim.name == "birthdate" else None
    return constraint.accepts(value, moment=moment, requested_at=requested_at)
