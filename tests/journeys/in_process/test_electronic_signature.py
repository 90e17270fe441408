"""The signature as evidence of verified claims: told to a lawful verifier, as far as the person agreed."""

import base64
import json

import pytest
from cryptography import x509

from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import to_the_choice
from tests.specs.oidc4ida.schemas import check_answer
from tests.support.client_assertion import KeyedClient
from tests.support.lawful_verifier import (
    ATTRIBUTES,
    SCOPE,
    SERIAL,
    asking_for_the_signature,
    entitle,
    newest_txn,
    signing_card,
    to_the_signature,
)
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


@pytest.fixture
def bank(linked: Provider) -> RelyingParty:
    party = linked.relying_party(scope=f"{SCOPE} offline_access", grant_types=["authorization_code", "refresh_token"])
    entitle(linked, party)
    return party


def test_metadata_offer_the_evidence_where_claims_are_offered(provider: Provider) -> None:
    path = "/.well-known/openid-configuration"
    assert "evidence_supported" not in provider.browser().get(path).get_json()
    offered = with_operator(provider).browser().get(path).get_json()["evidence_supported"]
    assert offered == ["document", "electronic_signature"]


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
def test_a_lawful_verifier_is_told_issuer_and_serial_number_of_the_signing_certificate_alone(
    linked: Provider, bank: RelyingParty, place: str
) -> None:
    browser = linked.browser()
    to_the_signature(browser, bank.request(**asking_for_the_signature("name", place=place)), "name", SERIAL)
    browser.use_sandbox_card("hanako")
    tokens = bank.tokens(browser.last)
    userinfo = bank.userinfo(tokens["access_token"])
    answer = userinfo.get_json() if place == "userinfo" else bank.claims(tokens["id_token"])
    check_answer(answer)
    (evidence,) = answer["verified_claims"]["verification"]["evidence"]
    card = linked.cards["hanako"]
    certificate = x509.load_der_x509_certificate(signing_card(linked).certificate_der)
    assert evidence["type"] == "electronic_signature"
    assert int(evidence["serial_number"], 16) == certificate.serial_number
    assert evidence["issuer"] == certificate.issuer.rfc4514_string()
    assert evidence["signature_type"] == f"{linked.settings.issuer}/sigtype/jpki-digital-signature"
    released = [outcome for event, *_, outcome in linked.audit_events() if event == "claims_released"]
    assert "certificate_serial" in released[0].split()
    browser.get("/account")
    assert "署名用電子証明書の発行者とシリアル番号" in browser.html
    text = json.dumps(answer)
    assert card.user_authentication.serial.hex() not in text
    assert base64.b64encode(signing_card(linked).certificate_der).decode()[40:80] not in text


def test_it_is_told_as_long_as_the_grant_and_at_userinfo_alone(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    request = bank.request(scope="openid offline_access", **asking_for_the_signature())
    to_the_signature(browser, request, *ATTRIBUTES, SERIAL)
    browser.use_sandbox_card("hanako")
    serial = signing_card(linked).serial.hex()
    first = bank.tokens(browser.last)
    linked.clock.advance(600)
    again = bank.refresh(first["refresh_token"]).get_json()
    assert serial in bank.userinfo(again["access_token"]).get_data(as_text=True)
    introspected = bank.post("/introspect", {"token": again["access_token"]}).get_data(as_text=True)
    elsewhere = [introspected, json.dumps([bank.claims(t["id_token"]) for t in (first, again) if "id_token" in t])]
    assert '"active":true' in introspected.replace(" ", "")
    assert not any(serial in text for text in elsewhere)
    bank.post("/revoke", {"token": again["refresh_token"]})
    assert bank.userinfo(again["access_token"]).status_code == 401
    # What rests sealed until the tokens' time is over is told to nobody, and goes then.
    linked.clock.advance(40 * 86_400)
    linked.parts.durable.purge_expired(linked.clock(), 100)
    assert linked.count_rows("released_claims") == 0


def test_whoever_keeps_the_serial_number_looks_like_whoever_could_not_give_it(
    linked: Provider, bank: RelyingParty
) -> None:
    # One person does not agree to it; the other one has not the name that the client demands.
    asked = asking_for_the_signature("name")
    demanded = json.loads(asked["claims"])
    demanded["userinfo"]["verified_claims"]["claims"]["name"] = {"value": "別人"}
    answers = []
    for claims, items in ((asked, ("name",)), ({"claims": json.dumps(demanded)}, ("name", SERIAL))):
        browser = linked.browser()
        to_the_signature(browser, bank.request(scope="openid name", **claims), *items)
        browser.use_sandbox_card("hanako")
        answers.append(bank.userinfo(bank.tokens(browser.last)["access_token"]).get_json())
    assert [set(answer) for answer in answers] == [{"sub", "txn", "name"}] * 2
    assert signing_card(linked).serial.hex() not in json.dumps(answers)


def test_an_ordinary_client_is_neither_offered_it_nor_is_anything_kept(linked: Provider) -> None:
    shop = KeyedClient(linked, scope=SCOPE)
    browser = linked.browser()
    browser.authorize(shop.party.request(scope=SCOPE, **asking_for_the_signature()))
    browser.use_sandbox_card("hanako")
    browser.submit("/new-browser")
    assert "シリアル番号" not in browser.html
    form = browser.form("/consent")
    browser.post(form.action, form.fields | {"item-name": "on", "decision": "allow"})
    browser.use_sandbox_card("hanako")
    assert shop.party.code(browser.last)
    evidence = shop.get_evidence(newest_txn(linked)).get_json()
    assert evidence["not_kept"] == ["certificate", "signature"]
    assert linked.count_rows("evidence", "sealed IS NOT NULL") == 0


@pytest.mark.parametrize("is_lawful", [True, False])
def test_the_consent_page_says_what_is_recorded_and_promises_nothing_that_is_not_so(
    linked: Provider, bank: RelyingParty, is_lawful: bool
) -> None:
    """Decision 0013: values, signature and certificate are kept for lawful verifiers, and for nobody else."""
    entitle(linked, bank, is_lawful=is_lawful)
    plain = {"verified_claims": {"verification": {"trust_framework": None}, "claims": {"name": None}}}
    asked = asking_for_the_signature("name") if is_lawful else {"claims": json.dumps({"userinfo": plain})}
    browser = linked.browser()
    browser.authorize(bank.request(**asked))
    to_the_choice(browser)
    assert ("本人確認の記録を残すことが法律で求められています" in browser.html) is is_lawful
    assert ("電子証明書の番号は、下でチェックを入れた場合だけ渡します" in browser.html) is is_lawful
    assert ("カードの番号やマイナンバー（12桁の個人番号）は渡しません" in browser.html) is not is_lawful
