"""The operator of the sandbox, asked by the provider's own client: one person across every card they ever hold."""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from idp.identifiers import encode_base64url, new_identifier
from idp.jpki.errors import CardUnverifiable
from idp.jpki.ports import StatusState
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.operator_client import Chance, OperatorClient, OperatorLimits
from idp.outbound.operator_credentials import AssertionSigner
from idp.outbound.operator_errors import OperatorRefused
from idp.outbound.operator_linkage import OperatorLinkage
from idp.outbound.operator_person import AttributesConsent, OperatorPersonSource, PresentState
from idp.outbound.operator_status import OperatorStatusSource
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.operator.answers import OperatorAnswers
from idp.sandbox.operator.application import BASE_PATH, OperatorApplication
from idp.sandbox.operator.client_key import ensure_client_key
from idp.sandbox.operator.life_event import CastLife, NoSuchPerson, PersonBuried, open_old_card
from idp.sandbox.operator.misbehaviour import Misbehaviour
from idp.sandbox.pki import IssuedCertificate, SandboxPki

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
BASE = f"http://127.0.0.1:1{BASE_PATH}"


class Town:
    """A sandbox with its operator, and the provider's client of it."""

    def __init__(self, directory: Path) -> None:
        self.pki: SandboxPki
        self.pki, self.cards = prepare_sandbox(directory, NOW)
        self.life = CastLife(self.pki)
        self.now = NOW
        self.key_file = ensure_client_key(directory)

    def application(self, misbehaviour: Misbehaviour = "none", **options: Any) -> OperatorApplication:
        key = ECKey.import_key(self.key_file.read_text("ascii"))
        answers = OperatorAnswers(self.pki, **options)
        return OperatorApplication(answers, key, BASE, misbehaviour=misbehaviour, clock=lambda: self.now)

    def client(self, misbehaviour: Misbehaviour = "none", **options: Any) -> OperatorClient:
        return OperatorClient(
            BASE,
            CircuitBreaker(100, 30),
            signer=AssertionSigner("sandbox", BASE, self.key_file.read_text("ascii")),
            limits=OperatorLimits(5, 1),
            chance=Chance(lambda: self.now),
            transport=httpx.WSGITransport(self.application(misbehaviour, **options)),
        )

    def person_of(self, issued: IssuedCertificate, client: OperatorClient | None = None) -> str:
        linkage = OperatorLinkage(client or self.client(), "sandbox")
        return linkage.find_person(self.key_id(issued), issued.serial, self.now).person_id

    def state_of(self, issued: IssuedCertificate) -> StatusState:
        certificate: Any = SimpleNamespace(
            anchor=SimpleNamespace(issuer_key_id=self.key_id(issued), purpose="user-authentication"),
            serial=issued.serial,
        )
        return OperatorStatusSource(self.client()).find_status(certificate, self.now).state

    def key_id(self, issued: IssuedCertificate) -> bytes:
        anchors = zip(self.pki.authorities, self.pki.anchors().anchors, strict=True)
        return next(anchor.issuer_key_id for authority, anchor in anchors if authority.name == issued.authority)

    def present_state(self, issued: IssuedCertificate) -> PresentState:
        source = OperatorPersonSource(self.client())
        return source.find_present_state(self.key_id(issued), issued.serial, self.now).state


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "sandbox")


def signing(card: CastCard) -> IssuedCertificate:
    assert card.digital_signature is not None
    return card.digital_signature


def test_a_person_keeps_their_name_across_renewal_and_both_kinds_of_certificate(town: Town) -> None:
    before = town.cards["hanako"]
    person = town.person_of(before.user_authentication)
    after = town.life.renew("hanako", LATER)
    town.now = LATER
    assert after.user_authentication.serial != before.user_authentication.serial
    held = (before.user_authentication, signing(before), after.user_authentication, signing(after))
    assert {town.person_of(issued) for issued in held} == {person}
    assert town.person_of(town.cards["taro"].user_authentication) != person


def test_renewal_revokes_the_old_card_and_everybody_holds_the_new_one(town: Town) -> None:
    before = town.cards["hanako"]
    after = town.life.renew("hanako", LATER)
    town.now = LATER
    assert town.cards["hanako"].user_authentication.serial == after.user_authentication.serial
    assert open_old_card(town.pki, "hanako").user_authentication.serial == before.user_authentication.serial
    assert town.state_of(before.user_authentication) is StatusState.REVOKED
    assert town.state_of(after.user_authentication) is StatusState.GOOD


@pytest.mark.parametrize("event", ["move", "rename"])
def test_moving_and_renaming_cost_the_signing_certificate_only(town: Town, event: str) -> None:
    before = town.cards["hanako"]
    after = getattr(town.life, event)("hanako", "新しい", LATER)
    town.now = LATER
    assert after.user_authentication.serial == before.user_authentication.serial
    assert town.state_of(before.user_authentication) is StatusState.GOOD
    assert town.state_of(signing(before)) is StatusState.REVOKED
    assert town.present_state(signing(before)) is PresentState.CHANGED
    assert town.present_state(signing(after)) is PresentState.UNCHANGED
    issued = signing(before)
    latest = OperatorPersonSource(town.client()).get_latest_attributes(
        town.key_id(issued), issued.serial, AttributesConsent("consent", NOW), LATER
    )
    assert "新しい" in (latest.attributes.name, latest.attributes.address)


def test_the_dead_have_no_valid_certificate_no_attributes_and_no_future(town: Town) -> None:
    before = town.cards["hanako"]
    town.life.bury("hanako", LATER)
    town.now = LATER
    assert town.state_of(before.user_authentication) is StatusState.REVOKED
    assert town.present_state(signing(before)) is PresentState.ENDED
    with pytest.raises(OperatorRefused, match="person_ended"):
        OperatorPersonSource(town.client()).get_latest_attributes(
            town.key_id(signing(before)), signing(before).serial, AttributesConsent("consent", NOW), LATER
        )
    with pytest.raises(PersonBuried):
        town.life.renew("hanako", LATER)


def test_a_revoked_card_is_renewed_at_the_office(town: Town) -> None:
    town.life.revoke("hanako", LATER)
    card = town.life.renew("hanako", LATER + timedelta(minutes=1))
    town.now = LATER + timedelta(minutes=2)
    assert town.state_of(card.user_authentication) is StatusState.GOOD
    assert card.member.expected is None


def test_nobody_and_nothing_old_is_refused_by_name(town: Town) -> None:
    with pytest.raises(NoSuchPerson):
        town.life.renew("nobody", NOW)
    with pytest.raises(NoSuchPerson):
        open_old_card(town.pki, "hanako")


def test_what_happened_survives_a_restart(town: Town, tmp_path: Path) -> None:
    person = town.person_of(town.cards["hanako"].user_authentication)
    town.life.rename("hanako", "山田　花江", LATER)
    town.life.renew("hanako", LATER)
    again = Town(tmp_path / "sandbox")
    again.now = LATER
    assert again.cards["hanako"].member.name_ja == "山田 花江"
    assert again.person_of(again.cards["hanako"].user_authentication) == person


def test_a_foreign_certificate_is_unknown(town: Town) -> None:
    issued = town.cards["hanako"].user_authentication
    stranger = IssuedCertificate(issued.authority, b"\x7f\xff\xff\xff", b"", issued.private_key)
    assert town.state_of(stranger) is StatusState.UNKNOWN
    with pytest.raises(CardUnverifiable):
        town.person_of(stranger)


def test_a_new_certificates_holder_may_not_be_known_yet(town: Town) -> None:
    card = town.life.renew("hanako", NOW)
    slow = town.client(linkage_delay=timedelta(minutes=90))
    with pytest.raises(CardUnverifiable):
        town.person_of(card.user_authentication, slow)
    town.now += timedelta(minutes=90)
    town.person_of(card.user_authentication, slow)


@pytest.mark.parametrize("misbehaviour", ["garbage", "error", "refused", "other-request"])
def test_an_operator_that_misbehaves_names_nobody(town: Town, misbehaviour: Misbehaviour) -> None:
    with pytest.raises(CardUnverifiable):
        town.person_of(town.cards["hanako"].user_authentication, town.client(misbehaviour))


def test_an_operator_may_name_another_person(town: Town) -> None:
    issued = town.cards["hanako"].user_authentication
    assert town.person_of(issued, town.client("wrong-person")) != town.person_of(issued)


def post(
    town: Town, application: OperatorApplication, question: Any, authorization: str | None = None
) -> tuple[int, Any]:
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    signer = AssertionSigner("sandbox", BASE, town.key_file.read_text("ascii"))
    request_hash = encode_base64url(hashlib.sha256(body).digest())
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"{BASE_PATH}/linkage",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": signer.sign(request_hash, town.now) if authorization is None else authorization,
    }
    statuses: list[str] = []
    content = b"".join(application(environ, lambda status, _: statuses.append(status)))
    return int(statuses[0][:3]), json.loads(content)


def question_about(town: Town, **changes: Any) -> dict[str, Any]:
    issued = town.cards["hanako"].user_authentication
    return {
        "check_id": new_identifier(),
        "purpose": "linkage",
        "certificate": {"issuer_key_id": encode_base64url(town.key_id(issued)), "serial": issued.serial.hex()},
    } | changes


def test_the_same_question_gets_the_same_answer_and_its_number_no_other(town: Town) -> None:
    application, question = town.application(), question_about(town)
    first = post(town, application, question)
    assert first[0] == 200
    assert post(town, application, question) == first
    status, answer = post(town, application, question | {"certificate": {"issuer_key_id": "k", "serial": "01"}})
    assert (status, answer["error"]) == (409, "check_id_reused")


def test_an_assertion_is_good_once_and_for_one_body(town: Town) -> None:
    application, question = town.application(), question_about(town)
    body = json.dumps(question).encode()
    signer = AssertionSigner("sandbox", BASE, town.key_file.read_text("ascii"))
    assertion = signer.sign(encode_base64url(hashlib.sha256(body).digest()), town.now)
    assert post(town, application, body, assertion)[0] == 200
    assert post(town, application, body, assertion)[0] == 401
    fresh = signer.sign(encode_base64url(hashlib.sha256(body).digest()), town.now)
    assert post(town, application, question_about(town), fresh)[0] == 401


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer a.b.c", "Basic eDp5"])
def test_nobody_is_answered_without_an_assertion(town: Town, authorization: str) -> None:
    status, answer = post(town, town.application(), question_about(town), authorization)
    assert (status, answer["error"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "curiosity"},
        {"check_id": "short"},
        {"certificate": {}},
        {"certificate": {"issuer_key_id": "k", "serial": 1}},
        {"extra": 1},
        {"consent": {}},
    ],
)
def test_a_question_of_another_form_is_refused(town: Town, changes: dict[str, Any]) -> None:
    status, answer = post(town, town.application(), question_about(town, **changes))
    assert (status, answer["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 8000, b"x" * 9000])
def test_garbage_is_refused(town: Town, body: bytes) -> None:
    assert post(town, town.application(), body)[0] == 400
