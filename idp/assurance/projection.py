"""Exactly the members that a client asked for, of a verification that meets what it demands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from idp.assurance.constraint import QUERY_MEMBERS, is_constrained, parse_constraint

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
# What a log may call by its name; a client may send any other.
_NAMES: Final = frozenset(
    {"assurance_level", "policy", "organization", "document_number", "serial_number", "date_of_issuance"}
    | {"date_of_expiry", "issuer"}
)
_REQUIRED_IN_SIGNATURE: Final = frozenset({"signature_type", "issuer", "serial_number"})


class Unmet(Exception):
    """The verification is not what the client demands; ``where`` names the member, for the log alone."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def project_verification(
    template: Mapping[str, Any], verification: Mapping[str, Any], requested_at: datetime
) -> dict[str, Any]:
    """The members of ``verification`` that ``template`` asks for.

    Takes:   template, well-formed (``parse_verified_claims``); verification, from ``describe_verification``.
    Returns: JSON; times in UTC. What a valid answer needs and the client did not ask for goes with its parent.
    Raises:  Unmet: a value, an age or a type of evidence is demanded that is not there; nothing is to be said then.
    Source:  OIDC4IDA §5.4 (only what was asked for; evidence entries are alternatives), §5.5, §5.7.4, §5.7.5; privacy
             considerations (UTC).
    """
    plain = {name: value for name, value in verification.items() if name != "evidence"}
    wanted = {name: element for name, element in template.items() if name != "evidence"}
    projected = _project_object(wanted, plain, requested_at, "")
    if "evidence" in template:
        evidence = _project_evidence(template["evidence"], verification["evidence"], requested_at)
        if evidence:
            projected["evidence"] = evidence
    return projected


def _project_object(
    template: Mapping[str, Any], data: Mapping[str, Any], requested_at: datetime, where: str
) -> dict[str, Any]:
    projected = {}
    for name, wanted in template.items():
        place = f"{where}.{name}" if where else name
        if name == "assurance_details":  # OIDC4IDA §5.4: asking for one has no filtering effect, and there are none
            continue
        if name not in data:
            # A demand that cannot be judged is not met: OIDC4IDA §5.5.1 forbids to ignore it.
            if name in QUERY_MEMBERS or is_constrained(wanted):
                raise Unmet(place if name in _NAMES else "?")
            continue
        value = data[name]
        if isinstance(value, dict):
            inner = _project_object(wanted or {}, value, requested_at, place)
            if inner:
                projected[name] = inner
        else:
            projected[name] = _project_value(wanted, value, requested_at, place)
    return projected


def _project_value(wanted: Any, value: Any, requested_at: datetime, where: str) -> Any:
    moment = value if isinstance(value, datetime) else None
    written = value if moment is None else moment.astimezone(UTC).strftime(_TIME)
    if not parse_constraint(wanted, where).accepts(written, moment=moment, requested_at=requested_at):
        raise Unmet(where)
    return written


def _project_evidence(
    templates: list[Mapping[str, Any]], faces: list[dict[str, Any]], requested_at: datetime
) -> list[dict[str, Any]]:
    matches = [match for face in faces if (match := _find_match(templates, face, requested_at)) is not None]
    if not matches:
        raise Unmet("evidence")
    return [match for match in matches if match]


def _find_match(
    templates: list[Mapping[str, Any]], face: dict[str, Any], requested_at: datetime
) -> dict[str, Any] | None:
    for template in templates:
        if template["type"]["value"] != face["type"]:
            continue
        try:
            return _project_face(template, face, requested_at)
        except Unmet:
            continue
    return None


def _project_face(template: Mapping[str, Any], face: dict[str, Any], requested_at: datetime) -> dict[str, Any]:
    apart = {"check_details", "derived_claims"}
    wanted = {name: element for name, element in template.items() if name not in apart or name not in face}
    projected = _project_object(wanted, {k: v for k, v in face.items() if k not in apart}, requested_at, "evidence")
    if "check_details" in template and "check_details" in face:
        checks = _project_checks(template["check_details"], face["check_details"], requested_at)
        if checks:
            projected["check_details"] = checks
    if face["type"] == "electronic_signature" and not _REQUIRED_IN_SIGNATURE.issubset(projected):
        return {}
    if claims := _project_claims(template.get("derived_claims") or {}, face["derived_claims"], requested_at):
        projected["derived_claims"] = claims
    return projected


def _project_claims(template: Mapping[str, Any], claims: dict[str, Any], requested_at: datetime) -> dict[str, Any]:
    return {
        name: value
        for name, value in claims.items()
        if name in template
        and parse_constraint(template[name], "derived_claims.*").accepts(value, requested_at=requested_at)
    }


def _project_checks(
    templates: list[Mapping[str, Any]], checks: list[dict[str, Any]], requested_at: datetime
) -> list[dict[str, Any]]:
    projected = []
    is_any_met = False
    for check in checks:
        members: dict[str, Any] = {}
        for template in templates:
            try:
                members |= _project_object(template, check, requested_at, "evidence.check_details")
            except Unmet:
                continue
            is_any_met = True
        if "check_method" in members:
            projected.append(members)
    if not is_any_met:
        raise Unmet("evidence.check_details")
    return projected
