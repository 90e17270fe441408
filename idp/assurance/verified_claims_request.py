"""The ``verified_claims`` member of a claims request, held against its schema (OIDC4IDA §5.3 to §5.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from idp.assurance.constraint import Constraint, InvalidClaimsRequest, parse_constraint

MAXIMUM_REQUESTS: Final = 8
MAXIMUM_EVIDENCE: Final = 8
MAXIMUM_CLAIMS: Final = 64
_TEXT_ELEMENTS: Final = ("trust_framework", "assurance_level", "verification_process")


@dataclass(frozen=True, slots=True)
class WantedVerifiedClaims:
    """One wanted ``verified_claims`` object.

    ``verification`` is the template as sent, found to be well-formed; ``claims`` are the wanted claims in the client's
    order, None where it wants none (``"claims": null``).
    """

    verification: Mapping[str, Any]
    claims: tuple[tuple[str, Constraint], ...] | None


def parse_verified_claims(element: Any, where: str) -> tuple[WantedVerifiedClaims, ...]:
    """Read the wanted object, or the array of them.

    Raises: InvalidClaimsRequest: the schema is broken; ``"claims": {}`` breaks it too, ``null`` asks for none.
    Source: OIDC4IDA §5.3, §5.4, §5.6; its request schema (verified_claims_request.json).
    """
    if not isinstance(element, list):
        return (_parse_one(element, where),)
    if len(element) > MAXIMUM_REQUESTS:
        raise InvalidClaimsRequest(where, f"has more than {MAXIMUM_REQUESTS} members")
    return tuple(_parse_one(member, f"{where}[{index}]") for index, member in enumerate(element))


def parse_claims_element(element: Any, where: str) -> tuple[tuple[str, Constraint], ...]:
    """Read an object of claim names and what they must be."""
    members = _object(element, where)
    if len(members) > MAXIMUM_CLAIMS:
        raise InvalidClaimsRequest(where, f"has more than {MAXIMUM_CLAIMS} members")
    return tuple((name, parse_constraint(wanted, f"{where}.*")) for name, wanted in members.items())


def _parse_one(element: Any, where: str) -> WantedVerifiedClaims:
    members = _object(element, where)
    if set(members) != {"verification", "claims"}:
        raise InvalidClaimsRequest(where, "has the members verification and claims, and no others")
    _check_verification(members["verification"], f"{where}.verification")
    if members["claims"] is None:
        return WantedVerifiedClaims(members["verification"], None)
    if members["claims"] == {}:
        raise InvalidClaimsRequest(f"{where}.claims", "must not be empty; null asks for none")
    return WantedVerifiedClaims(members["verification"], parse_claims_element(members["claims"], f"{where}.claims"))


def _check_verification(element: Any, where: str) -> None:
    members = _object(element, where)
    if "trust_framework" not in members:
        raise InvalidClaimsRequest(f"{where}.trust_framework", "is required")
    _check_texts(members, _TEXT_ELEMENTS, where)
    _check_moments(members, ("time",), where)
    if "assurance_process" in members:
        process = _object(members["assurance_process"], f"{where}.assurance_process")
        _check_texts(process, ("policy", "procedure"), f"{where}.assurance_process")
        if "assurance_details" in process:
            _array(process["assurance_details"], f"{where}.assurance_process.assurance_details")
    if "evidence" in members:
        for index, entry in enumerate(_array(members["evidence"], f"{where}.evidence")):
            _check_evidence(entry, f"{where}.evidence[{index}]")


def _check_evidence(element: Any, where: str) -> None:
    members = _object(element, where)
    evidence_type = _object(members.get("type"), f"{where}.type")
    # OIDC4IDA §5.4: one entry filters one type; values is not for it.
    if set(evidence_type) - {"essential"} != {"value"} or not isinstance(evidence_type["value"], str):
        raise InvalidClaimsRequest(f"{where}.type", "must have value, a text, and no values")
    parse_constraint(evidence_type, f"{where}.type", is_text=True)
    _check_texts(members, ("signature_type", "issuer", "serial_number"), where)
    _check_moments(members, ("created_at",), where)
    if "check_details" in members:
        for index, entry in enumerate(_array(members["check_details"], f"{where}.check_details")):
            place = f"{where}.check_details[{index}]"
            checks = _object(entry, place)
            _check_texts(checks, ("check_method", "organization", "check_id"), place)
            _check_moments(checks, ("time",), place)
    if "document_details" in members:
        place = f"{where}.document_details"
        details = _object(members["document_details"], place)
        _check_texts(details, ("type", "document_number", "serial_number"), place)
        _check_moments(details, ("date_of_issuance", "date_of_expiry"), place)
    if members.get("derived_claims") is not None:
        parse_claims_element(members["derived_claims"], f"{where}.derived_claims")


def _check_texts(members: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in names:
        if name in members:
            parse_constraint(members[name], f"{where}.{name}", is_text=True)


def _check_moments(members: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in names:
        if name in members:
            parse_constraint(members[name], f"{where}.{name}")


def _object(element: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(element, dict):
        raise InvalidClaimsRequest(where, "must be an object")
    return element


def _array(element: Any, where: str) -> list[Any]:
    if not isinstance(element, list) or not 0 < len(element) <= MAXIMUM_EVIDENCE:
        raise InvalidClaimsRequest(where, f"must be a list of 1 to {MAXIMUM_EVIDENCE} members")
    return element
