"""Who it is: attributes and answers out of the digital signature certificate, for the person who signed in alone."""

import json
from typing import Any

import pytest

from idp.jobs import write_journal
from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

SCOPE = "openid name birthdate address gender"
DOCUMENT = {"type": {"value": "document"}, "check_details": [{"check_method": None, "check_id": None, "time": None}]}


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


@pytest.fixture
def bank(linked: Provider) -> RelyingParty:
    return linked.relying_party(scope=SCOPE)


def verified(framework: str | None = None, **claims: Any) -> dict[str, str]:
    trust_framework = None if framework is None else {"value": framework}
    wanted = {
        "verification": {"trust_framework": trust_framework, "time": None, "evidence": [DOCUMENT]},
        "claims": claims,
    }
    return {"claims": json.dumps({"userinfo": {"txn": None, "verified_claims": wanted}})}


def told_of_claims(provider: Provider, party: RelyingParty) -> set[tuple[str, str]]:
    """What the client's developer is told about claims that were left out."""
    write_journal(provider.parts)
    notes = provider.parts.durable.list_client_notes(party.client.client_id, provider.clock())
    return {(note.where, note.outcome) for note in notes if note.where.startswith("claims")}


def choose(browser: Browser, *items: str) -> None:
    """On the consent page, tick exactly these and agree."""
    form = browser.form("/consent")
    fields = {name: value for name, value in form.fields.items() if not name.startswith("item-")}
    browser.post(form.action, fields | {f"item-{item}": "on" for item in items} | {"decision": "allow"})


def to_the_choice(browser: Browser, person: str = "hanako") -> None:
    browser.use_sandbox_card(person)
    if "/new-browser" in browser.html:
        browser.submit("/new-browser")


def test_a_bank_gets_what_was_chosen_and_signed_and_nothing_else(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None, birthdate=None, address=None, gender=None)))
    to_the_choice(browser)
    choose(browser, "name", "birthdate")
    assert "署名用電子証明書" in browser.html
    browser.use_sandbox_card("hanako")
    tokens = bank.tokens(browser.last)
    answer = bank.userinfo(tokens["access_token"]).get_json()
    released = answer["verified_claims"]
    assert released["claims"] == {"name": "山田　花子", "birthdate": "1990-04-15"}
    assert released["verification"]["trust_framework"] == f"{linked.settings.issuer}/tf/sandbox-v1"
    assert answer["txn"]
    assert answer["sub"] == bank.sub(tokens)
    assert "verified_claims" not in bank.claims(tokens["id_token"])
    assert ("claims_released", "birthdate name txn verified_claims") in [
        (event, outcome) for event, _, _, outcome in linked.audit_events()
    ]


def test_an_answer_about_age_tells_neither_birthdate_nor_address(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(**{"::age_20_or_over": None})))
    to_the_choice(browser)
    assert "20歳以上かどうか" in browser.html
    choose(browser, "age_20_or_over")
    browser.use_sandbox_card("hanako")
    body = bank.userinfo(bank.tokens(browser.last)["access_token"])
    assert body.get_json()["verified_claims"]["claims"] == {"::age_20_or_over": True}
    assert "1990" not in body.get_data(as_text=True)
    assert "東京" not in body.get_data(as_text=True)


def test_another_persons_signing_card_releases_nothing(linked: Provider, bank: RelyingParty) -> None:
    # A signs in, B's signing card steps up: no token carries A's sub with B's claims.
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser, "hanako")
    choose(browser, "name")
    grants, credentials = linked.count_rows("grants"), linked.count_rows("credentials")
    browser.use_sandbox_card("taro")
    assert browser.last.status_code == 200
    assert linked.count_rows("grants") == grants
    assert linked.count_rows("released_claims") == 0
    assert linked.count_rows("credentials") == credentials
    assert linked.count_rows("accounts") == 1
    assert ("card_refused", "different_person") in [(event, outcome) for event, *_, outcome in linked.audit_events()]


def test_a_signature_alone_opens_no_session(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    del browser.cookies["idp-session"]
    with linked.parts.durable.writing() as writer:
        (account_id,) = linked.parts.database.read_one("SELECT account_id FROM accounts")  # type: ignore[misc]
        writer.end_account_sessions(account_id, linked.clock())
    browser.use_sandbox_card("hanako")
    assert browser.last.status_code == 200
    assert linked.count_rows("grants") == 0
    assert linked.count_rows("browser_sessions") == 0


def test_a_child_has_no_signing_certificate_and_is_told_so(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser, "child")
    choose(browser, "name")
    browser.use_sandbox_card("child")
    assert browser.last.status_code == 200
    assert browser.form("/restart")


def test_a_session_is_not_enough_for_what_a_card_must_say(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    bank.sign_in(browser)
    browser.authorize(bank.request(**verified(name=None), prompt="none"))
    assert "error=login_required" in browser.last.headers["Location"]
    browser.authorize(bank.request(**verified(name=None)))
    assert browser.handle


def test_a_framework_that_is_not_met_is_left_out_and_logged(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(scope=SCOPE, **verified("jp_aml", name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    browser.use_sandbox_card("hanako")
    answer = bank.userinfo(bank.tokens(browser.last)["access_token"]).get_json()
    assert answer["name"] == "山田　花子"
    assert "verified_claims" not in answer
    assert any(line.get("event") == "claim_omitted" for line in linked.log_lines())
    told = told_of_claims(linked, bank)
    # Whether the person refused is not the developer's business; that no card could have met the framework is.
    assert told == {
        ("claims: userinfo.verified_claims[0]", "trust_framework_not_met"),
        *((f"claims: userinfo.{name}", "left_out") for name in ("address", "birthdate", "gender")),
    }


def test_what_no_card_could_meet_is_logged_where_nobody_was_asked(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(scope="openid", **verified("jp_aml", name=None)))
    browser.use_sandbox_card("hanako")
    browser.agree()
    assert "verified_claims" not in bank.userinfo(bank.tokens(browser.last)["access_token"]).get_json()
    reasons = [line["reason"] for line in linked.log_lines() if line["event"] == "claim_omitted"]
    assert reasons == ["trust_framework_not_met"]


def test_a_client_whose_registration_covers_nothing_of_what_it_asks_is_told_so(linked: Provider) -> None:
    party = linked.relying_party(scope="openid")
    wanted = {"verification": {"trust_framework": None}, "claims": {"name": None, "birthdate": None}}
    asked = {"userinfo": {"gender": None, "no_such_claim": None, "verified_claims": wanted}, "id_token": {"name": None}}
    tokens = party.sign_in(linked.browser(), claims=json.dumps(asked))
    assert set(party.userinfo(tokens["access_token"]).get_json()) == {"sub"}
    assert told_of_claims(linked, party) >= {
        ("claims: userinfo.gender", "not_registered"),
        ("claims: userinfo.?", "unsupported"),
        ("claims: id_token.name", "not_registered"),
        ("claims: userinfo.verified_claims[0].claims.name", "not_registered"),
        ("claims: userinfo.verified_claims[0].claims.birthdate", "not_registered"),
    }


def test_nothing_ticked_is_a_sign_in_without_claims(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser)
    answer = bank.userinfo(bank.tokens(browser.last)["access_token"]).get_json()
    assert set(answer) == {"sub"}


def test_after_a_wrong_password_the_same_choice_is_signed_anew(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    browser.use_sandbox_card("hanako", "wrong_pin")
    # The signing certificate has a password and five tries, not a PIN and three.
    assert "パスワードが違います" in browser.html
    assert "続けて5回" in browser.html
    browser.submit("/restart")
    assert "署名用電子証明書で署名" in browser.html
    browser.use_sandbox_card("hanako")
    answer = bank.userinfo(bank.tokens(browser.last)["access_token"]).get_json()
    assert answer["verified_claims"]["claims"] == {"name": "山田　花子"}


def test_an_item_that_was_not_offered_is_refused(linked: Provider, bank: RelyingParty) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(scope="openid", **verified(name=None)))
    to_the_choice(browser)
    form = browser.form("/consent")
    browser.post(form.action, form.fields | {"item-address": "on", "decision": "allow"})
    assert browser.last.status_code == 403
    assert linked.count_rows("grants") == 0


def test_attributes_rest_sealed_and_are_nowhere_in_the_log(linked: Provider, bank: RelyingParty) -> None:
    test_a_bank_gets_what_was_chosen_and_signed_and_nothing_else(linked, bank)
    for path in linked.directory.rglob("*.sqlite3*"):
        assert "山田".encode() not in path.read_bytes()
    assert "山田" not in json.dumps(linked.log_lines(), ensure_ascii=False)


@pytest.mark.parametrize("chosen", [(), ("name",)])
def test_what_was_agreed_to_this_time_only_is_asked_again(
    linked: Provider, bank: RelyingParty, chosen: tuple[str, ...]
) -> None:
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser)
    assert "今回だけです" in browser.html
    choose(browser, *chosen)
    if chosen:
        browser.use_sandbox_card("hanako")
    assert bank.tokens(browser.last)
    assert linked.count_rows("consents") == 0
    browser.authorize(bank.request())
    browser.use_sandbox_card("hanako")
    assert browser.form("/consent"), "the same service, without a question about the person, asks again as it said"
