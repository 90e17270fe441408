"""What has become of a person since a signing certificate was verified: present state and latest attributes."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from idp.clock import to_epoch_seconds
from idp.evidence import BasicFour, Gender
from idp.identifiers import Randomness, new_identifier
from idp.outbound.operator_answer import read_moment, read_text
from idp.outbound.operator_certificate import name_certificate
from idp.outbound.operator_client import OperatorClient
from idp.outbound.operator_errors import OperatorFailed

_NAME_LIMIT_CHARACTERS: Final = 200
_ADDRESS_LIMIT_CHARACTERS: Final = 400
_GENDERS: Final[dict[str, Gender]] = {"male": "male", "female": "female", "unknown": "unknown"}


class PresentState(StrEnum):
    """現況: ``changed`` says that name, address, birthdate or gender did; ``ended`` that the person died or left."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PresentStateAnswer:
    """One answer; ``as_of`` is the moment for which it holds, ``check_id`` is known to the operator too."""

    state: PresentState
    as_of: datetime
    check_id: str


@dataclass(frozen=True, slots=True)
class AttributesConsent:
    """The person's consent that the operator may ask for their latest attributes: its id and when it was given."""

    consent_id: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class LatestAttributes:
    """The basic four attributes as the population register has them."""

    attributes: BasicFour
    as_of: datetime
    check_id: str


class OperatorPersonSource:
    """The two questions about a person whose signing certificate was verified before."""

    def __init__(self, client: OperatorClient, randomness: Randomness = secrets.token_bytes) -> None:
        self._client = client
        self._randomness = randomness

    def find_present_state(self, issuer_key_id: bytes, serial: bytes, now: datetime) -> PresentStateAnswer:
        """Whether what the certificate says is still so (現況確認).

        Raises:  OperatorFailed, OperatorRefused.
        Source:  docs/platform-operator-api.md, "Present state".
        """
        check_id = new_identifier(self._randomness)
        question = _question(check_id, "liveness_check", issuer_key_id, serial)
        answer = self._client.ask("present-state", question)
        try:
            state = PresentState(read_text(answer, "state"))
        except ValueError:
            raise OperatorFailed("garbage") from None
        return PresentStateAnswer(state, read_moment(answer, "this_update", now), check_id)

    def get_latest_attributes(
        self, issuer_key_id: bytes, serial: bytes, consent: AttributesConsent, now: datetime
    ) -> LatestAttributes:
        """The four attributes as they are today (最新の利用者情報).

        Raises:  OperatorRefused: consent_required, person_ended and the others. OperatorFailed: among the rest for
                 attributes that are not whole.
        Source:  docs/platform-operator-api.md, "Latest attributes".
        """
        check_id = new_identifier(self._randomness)
        question = _question(check_id, "latest_attributes", issuer_key_id, serial) | {
            "consent": {"consent_id": consent.consent_id, "given_at": to_epoch_seconds(consent.given_at)}
        }
        answer = self._client.ask("latest-attributes", question)
        return LatestAttributes(
            _attributes(answer.get("attributes")), read_moment(answer, "this_update", now), check_id
        )


def _question(check_id: str, purpose: str, issuer_key_id: bytes, serial: bytes) -> dict[str, Any]:
    return {"check_id": check_id, "purpose": purpose, "certificate": name_certificate(issuer_key_id, serial)}


def _attributes(unverified: object) -> BasicFour:
    if not isinstance(unverified, dict):
        raise OperatorFailed("garbage")
    name = read_text(unverified, "name", _NAME_LIMIT_CHARACTERS)
    address = read_text(unverified, "address", _ADDRESS_LIMIT_CHARACTERS)
    gender = _GENDERS.get(read_text(unverified, "gender"))
    birthdate = read_text(unverified, "birthdate", 10)
    try:
        born = date.fromisoformat(birthdate) if len(birthdate) == len("1990-04-15") else None
    except ValueError:
        born = None
    if gender is None or born is None:
        raise OperatorFailed("garbage")
    return BasicFour(
        name=name,
        name_substitutions=_positions(unverified.get("name_substitutions"), len(name)),
        address=address,
        address_substitutions=_positions(unverified.get("address_substitutions"), len(address)),
        birthdate=born,
        gender=gender,
    )


def _positions(unverified: object, length: int) -> tuple[int, ...]:
    if not isinstance(unverified, list) or not all(type(each) is int and 0 <= each < length for each in unverified):
        raise OperatorFailed("garbage")
    positions = tuple(unverified)
    if positions != tuple(sorted(set(positions))):
        raise OperatorFailed("garbage")
    return positions
