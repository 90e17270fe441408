"""What an operator's answers become: a status, a person, a present state, attributes; or a named outcome."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from idp.evidence import BasicFour
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ports import StatusState
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused
from idp.outbound.operator_linkage import OperatorLinkage
from idp.outbound.operator_person import AttributesConsent, OperatorPersonSource, PresentState
from idp.outbound.operator_status import OperatorStatusSource
from tests.unit.outbound.operator_double import NOW, Scene, answering, raw

CERTIFICATE: Any = SimpleNamespace(
    anchor=SimpleNamespace(issuer_key_id=b"k" * 32, purpose="user-authentication"), serial=b"\x01\x02"
)
PERSON = "p" * 43
FOUR = {
    "name": "山田　花子",
    "name_substitutions": [0],
    "address": "東京都千代田区架空町一丁目１番１号",
    "address_substitutions": [],
    "birthdate": "1990-04-15",
    "gender": "female",
}
CONSENT = AttributesConsent("consent", NOW)


@pytest.mark.parametrize("state", list(StatusState))
def test_a_status_is_what_the_operator_says_as_of_its_update(state: StatusState) -> None:
    scene = Scene(answering(state=state.value))
    status = OperatorStatusSource(scene.client).find_status(CERTIFICATE, NOW)
    assert (status.state, status.source) == (state, "operator")
    assert status.this_update == datetime(2026, 11, 22, 2, 59, tzinfo=UTC)
    asked = json.loads(scene.requests[0].content)
    assert asked["check_id"] == status.check_id
    assert asked["purpose"] == "user_authentication"
    assert asked["certificate"]["serial"] == "0102"


def test_a_certificate_that_the_operator_does_not_know_is_unknown_and_not_revoked() -> None:
    scene = Scene(answering(404, error="unknown_certificate"))
    assert OperatorStatusSource(scene.client).find_status(CERTIFICATE, NOW).state is StatusState.UNKNOWN


@pytest.mark.parametrize(
    "handler",
    [
        raw(b"", 500),
        raw(b"garbage"),
        answering(state="fine"),
        answering(state="good", this_update="2026-11-22T03:01:01Z"),
        answering(state="good", this_update="2026-11-22T02:59:00"),
        answering(state="good", this_update="2026-11-22T11:59:00+09:00"),
        answering(state="good", this_update="yesterday"),
        answering(state="good", this_update=1795000000),
        answering(state="good", check_id="d" * 43),
        answering(403, error="not_entitled"),
        httpx.ReadTimeout("late"),
    ],
)
def test_anything_else_is_no_status(handler) -> None:
    with pytest.raises(CardUnverifiable) as refusal:
        OperatorStatusSource(Scene(handler).client).find_status(CERTIFICATE, NOW)
    assert refusal.value.reason is Unverifiable.STATUS_UNAVAILABLE


def test_a_person_is_whom_the_operator_names() -> None:
    scene = Scene(answering(state="known", person_id=PERSON))
    person = OperatorLinkage(scene.client, "operator").find_person(b"k" * 32, b"\x01", NOW)
    assert person.person_id == PERSON
    assert json.loads(scene.requests[0].content)["check_id"] == person.check_id


@pytest.mark.parametrize(
    "handler",
    [
        answering(state="not_ready"),
        answering(state="known"),
        answering(state="known", person_id=""),
        answering(state="known", person_id="1"),
        answering(state="known", person_id=12345678901234567890),
        answering(state="known", person_id="p" * 129),
        answering(state="known", person_id="p" * 20 + "\n"),
        answering(state="known", person_id=PERSON, request_hash="another person's"),
        answering(404, error="unknown_certificate"),
        raw(b"", 503),
    ],
)
def test_anything_else_is_no_person(handler) -> None:
    with pytest.raises(CardUnverifiable) as refusal:
        OperatorLinkage(Scene(handler).client, "operator").find_person(b"k" * 32, b"\x01", NOW)
    assert refusal.value.reason is Unverifiable.LINKAGE_UNAVAILABLE
    assert PERSON not in str(refusal.value)


@pytest.mark.parametrize("state", list(PresentState))
def test_a_present_state_is_what_the_operator_says(state: PresentState) -> None:
    source = OperatorPersonSource(Scene(answering(state=state.value)).client)
    assert source.find_present_state(b"k", b"\x01", NOW).state is state


def test_an_unheard_of_present_state_is_a_failure() -> None:
    with pytest.raises(OperatorFailed):
        OperatorPersonSource(Scene(answering(state="asleep")).client).find_present_state(b"k", b"\x01", NOW)


def test_latest_attributes_come_with_the_consent_they_rest_on() -> None:
    scene = Scene(answering(attributes=FOUR))
    latest = OperatorPersonSource(scene.client).get_latest_attributes(b"k", b"\x01", CONSENT, NOW)
    assert latest.attributes == BasicFour(
        FOUR["name"],
        (0,),
        FOUR["address"],
        (),
        date(1990, 4, 15),
        "female",  # type: ignore[arg-type]
    )
    assert json.loads(scene.requests[0].content)["consent"]["consent_id"] == "consent"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": 1},
        {"birthdate": "1990-02-30"},
        {"birthdate": "19900415"},
        {"gender": "1"},
        {"name_substitutions": [5]},
        {"name_substitutions": [True]},
        {"name_substitutions": [1, 0]},
        {"address_substitutions": None},
        {"address": "a" * 401},
        {"name": "a\x00b"},
    ],
)
def test_attributes_are_whole_or_a_failure(change: dict[str, Any]) -> None:
    source = OperatorPersonSource(Scene(answering(attributes=FOUR | change)).client)
    with pytest.raises(OperatorFailed):
        source.get_latest_attributes(b"k", b"\x01", CONSENT, NOW)


@pytest.mark.parametrize("code", ["consent_required", "person_ended"])
def test_without_consent_or_after_death_there_are_no_attributes(code: str) -> None:
    source = OperatorPersonSource(Scene(answering(403, error=code)).client)
    with pytest.raises(OperatorRefused) as refusal:
        source.get_latest_attributes(b"k", b"\x01", CONSENT, NOW)
    assert refusal.value.code == code
