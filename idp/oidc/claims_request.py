"""The ``claims`` parameter: single claims asked for, and where they are to go (OIDC Core §5.5, OIDC4IDA §5)."""

import json
from dataclasses import dataclass
from typing import Any, Final

from idp.assurance.claims_policy import ClaimsPolicy, supported_claims
from idp.assurance.constraint import Constraint, InvalidClaimsRequest
from idp.assurance.verified_claims_request import WantedVerifiedClaims, parse_claims_element, parse_verified_claims
from idp.oidc.claims_request_json import read_claims_json
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.transformed_claims import (
    TransformedClaim,
    check_transformed_claims,
    find_defined,
    parse_transformed_claims,
)

VERIFIED_CLAIMS: Final = "verified_claims"


@dataclass(frozen=True, slots=True)
class WantedClaims:
    """What is asked for at one place: plain claims, and ``verified_claims`` objects.

    ``is_array`` says that the objects were asked for as an array, and so are returned as one.
    """

    claims: tuple[tuple[str, Constraint], ...] = ()
    verified: tuple[WantedVerifiedClaims, ...] = ()
    is_array: bool = False


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """A well-formed ``claims`` parameter.

    ``canonical`` is its RFC 8785 text, by which it is stored and compared; ``transformed`` the client's own questions.
    """

    canonical: str
    userinfo: WantedClaims
    id_token: WantedClaims
    transformed: tuple[TransformedClaim, ...]

    def wanted_names(self) -> frozenset[str]:
        """Every name asked for anywhere, known or not."""
        places = (self.userinfo, self.id_token)
        plain = {name for place in places for name, _ in place.claims}
        verified = {name for place in places for wanted in place.verified for name, _ in wanted.claims or ()}
        return frozenset(plain | verified)


def parse_claims_request(text: str) -> ClaimsRequest:
    """Read a ``claims`` parameter; also the inverse of ``ClaimsRequest.canonical``.

    Raises: InvalidClaimsRequest: the schema of OIDC Core §5.5 or of OIDC4IDA is broken.
    Source: OIDC Core §5.5: members that are not understood are ignored, at the top and in every claim.
    """
    members, canonical = read_claims_json(text)
    return ClaimsRequest(
        canonical,
        _parse_place(members, "userinfo"),
        _parse_place(members, "id_token"),
        parse_transformed_claims(members),
    )


def accept_claims_parameter(text: str, policy: ClaimsPolicy) -> ClaimsRequest:
    """Establish that a client may ask this here; whether it is answered is another matter.

    Raises: OAuthError invalid_request: broken schema; a question that is not offered; two thresholds or two areas.
    Source: OIDC Core §3.1.2.6, §5.5; Advanced Syntax for Claims (draft 01), Error Conditions.
    """
    try:
        request = parse_claims_request(text)
        check_transformed_claims(request.transformed, policy)
        _check_one_of_a_kind(request, policy)
    except InvalidClaimsRequest as error:
        raise OAuthError(ErrorCode.INVALID_REQUEST, f"{error}.", detail=error.where) from error
    return request


def find_known_names(request: ClaimsRequest, policy: ClaimsPolicy) -> frozenset[str]:
    """The names of a request that mean something here; ``:name`` only where the request defines it."""
    return frozenset(name for name in request.wanted_names() if is_known_name(request, name, policy))


def is_known_name(request: ClaimsRequest, name: str, policy: ClaimsPolicy) -> bool:
    """Whether one name that the request asks for means something here; cheap, for a request may ask for hundreds."""
    if name not in supported_claims(policy):
        return False
    if not name.startswith(":") or name.startswith("::"):
        return True
    is_defined = any(each.name == name[1:] for each in request.transformed)
    return is_defined and name[1:] in find_defined(request.transformed, policy)


def find_texts(wanted: WantedClaims, name: str) -> tuple[str, ...] | None:
    """The texts that a claim must be one of, in order; None where any will do or it is not asked for.

    Raises: InvalidClaimsRequest: another value than a text.
    """
    accepted = dict(wanted.claims).get(name, Constraint()).accepted
    if accepted is None:
        return None
    values = tuple(json.loads(value) for value in accepted)
    if not all(isinstance(value, str) for value in values):
        raise InvalidClaimsRequest(f"claims.*.{name}", "can have texts only as its value")
    return values


def _parse_place(members: dict[str, Any], place: str) -> WantedClaims:
    where = f"claims.{place}"
    if place not in members:
        return WantedClaims()
    element = members[place]
    if not isinstance(element, dict):
        raise InvalidClaimsRequest(where, "must be an object")
    plain = {name: wanted for name, wanted in element.items() if name != VERIFIED_CLAIMS}
    claims = parse_claims_element(plain, where)
    if VERIFIED_CLAIMS not in element:
        return WantedClaims(claims)
    wanted = element[VERIFIED_CLAIMS]
    return WantedClaims(claims, parse_verified_claims(wanted, f"{where}.{VERIFIED_CLAIMS}"), isinstance(wanted, list))


def _check_one_of_a_kind(request: ClaimsRequest, policy: ClaimsPolicy) -> None:
    # Two thresholds at once bound the age from both sides: that is a birthdate by instalments.
    supported = supported_claims(policy)
    asked = {p for name in find_known_names(request, policy) if (p := supported[name].predicate) is not None}
    for kind in {predicate.kind for predicate in asked}:
        if sum(predicate.kind == kind for predicate in asked) > 1:
            raise InvalidClaimsRequest("claims", f"asks more than one question about {kind}")
