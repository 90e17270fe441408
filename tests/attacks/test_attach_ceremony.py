"""Adding a card: nobody joins another person's account, and nobody makes another person's card join theirs."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.identifiers import encode_base64url
from tests.attacks.refusals import assert_page
from tests.journeys.in_process.test_account_page import confirm, open_own_page
from tests.journeys.in_process.test_several_cards import attach, attached_id, begin
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

Present = Callable[..., PresenterDouble]


def at_the_new_card(provider: Provider, person: str = "hanako") -> Browser:
    browser = open_own_page(provider, person)
    provider.clock.advance(60)
    begin(browser)
    browser.use_sandbox_card(person)
    return browser


def standing(provider: Provider) -> tuple[int, ...]:
    tables = ("accounts", "credentials", "attachments", "link_requests", "browser_sessions")
    return tuple(provider.count_rows(table) for table in tables)


def events(provider: Provider) -> list[str]:
    return [event for event, *_ in provider.audit_events()]


def test_no_form_works_without_the_sessions_own_token(provider: Provider) -> None:
    attacker, victim = open_own_page(provider, "child"), attach(provider)
    attacker.get("/account/attach")
    foreign = attacker.form("/account/attach").fields["csrf"]
    before = standing(provider)
    for path in ("/account/attach", "/account/request", f"/account/attachments/{attached_id(provider)}"):
        for fields in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "é"}):
            assert_page(victim.post(path, fields), 403)
        assert_page(victim.request("POST", path, data=b"{}", content_type="application/json"), 403)
        assert victim.get(f"{path}?csrf={foreign}").status_code == 200
    assert standing(provider) == before


@pytest.mark.parametrize("leg", ["old", "new"])
def test_a_link_that_somebody_else_was_made_to_open_ends_the_ceremony(
    leg: str, provider: Provider, present_with: Present
) -> None:
    """U4: the victim's card answers for the attacker's transaction; it comes back in the victim's browser."""
    attacker = open_own_page(provider, "taro")
    begin(attacker)
    if leg == "new":
        attacker.use_sandbox_card("taro")
    before = standing(provider)
    victim = provider.browser()
    victim.get(present_with(attacker.handle, "hanako").present())
    assert "possible_relay" in events(provider)
    attacker.get(f"/login/{attacker.tx}")
    assert "/restart" in attacker.html
    assert standing(provider) == before


def test_the_ceremony_of_one_session_does_not_end_in_another(provider: Provider, present_with: Present) -> None:
    browser = at_the_new_card(provider)
    presenter = present_with(browser.handle, "taro")
    address = presenter.present()
    other = open_own_page(provider, "child")
    browser.cookies["idp-session"] = other.cookies["idp-session"]
    browser.get(address)
    assert "/restart" in browser.html
    assert provider.count_rows("attachments") == 0


def test_a_ceremony_ends_with_the_session_in_which_it_was_begun(provider: Provider, present_with: Present) -> None:
    browser = at_the_new_card(provider)
    twin = browser.copy()
    confirm(twin, "/account/sign-out")
    browser.get(present_with(browser.handle, "taro").present())
    assert "/restart" in browser.html
    assert provider.count_rows("attachments") == 0


def test_a_thief_of_the_transactions_cookie_alone_adds_nothing(provider: Provider, present_with: Present) -> None:
    browser = at_the_new_card(provider)
    thief = browser.copy()
    thief.cookies.pop("idp-session")
    thief.get(present_with(browser.handle, "taro").present())
    assert provider.count_rows("attachments") == 0


def test_a_signature_for_a_sign_in_adds_no_card(provider: Provider, present_with: Present) -> None:
    browser = at_the_new_card(provider)
    presenter = present_with(browser.handle, "taro")
    presenter.open()
    for change in ({"action": "sign-in"}, {"statement": ""}, {"txn": "A" * 43}):
        shown = presenter.transaction
        presenter.transaction = shown | change
        assert presenter.prove().get_json()["error"] == "bad_signature"
        presenter.transaction = shown
    assert provider.count_rows("attachments") == 0


def test_the_old_cards_proof_is_not_the_new_ones(provider: Provider, present_with: Present) -> None:
    browser = open_own_page(provider)
    begin(browser)
    old = present_with(browser.handle)
    browser.get(old.present())
    new = present_with(browser.handle, "taro")
    new.open()
    replayed = old.proof() | {"secret": new.secret}
    assert new.prove(replayed).get_json()["error"] == "bad_signature"
    assert provider.count_rows("attachments") == 0


def test_reloads_tabs_and_copies_of_the_end_attach_once(provider: Provider, present_with: Present) -> None:
    browser = at_the_new_card(provider)
    page, twins = f"/login/{browser.tx}", [browser.copy() for _ in range(6)]
    address = present_with(browser.handle, "taro").present()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda pair: pair[1].get(address if pair[0] % 2 else page), enumerate(twins)))
    browser.get(page)
    assert provider.count_rows("attachments") == 1
    assert provider.count_rows("credentials") == 2
    assert events(provider).count("credential_attached") == 1
    assert "card_refused" not in events(provider)


def test_the_first_proof_leads_to_one_second_transaction(provider: Provider, present_with: Present) -> None:
    browser = open_own_page(provider)
    begin(browser)
    first, twin = browser.path, browser.copy()
    address = present_with(browser.handle).present()
    browser.get(address)
    assert browser.title.startswith("2/2")
    twin.get(first)
    assert twin.last.status_code == 410
    assert_page(twin.get(address), 410)


def test_nobody_undoes_what_joined_another_persons_account(provider: Provider) -> None:
    attach(provider)
    attacker = open_own_page(provider, "child")
    attacker.get("/account/attach")
    token = attacker.form("/account/attach").fields["csrf"]
    for name in (attached_id(provider), "k" * 43, "x", "%00"):
        path = f"/account/attachments/{name}"
        assert_page(attacker.get(path), 404)
        assert_page(attacker.post(path, {"csrf": token}), 404)
    assert provider.count_rows("attachments") == 1


def test_undoing_needs_the_card_within_ten_minutes(provider: Provider) -> None:
    attach(provider)
    browser = open_own_page(provider)
    path = f"/account/attachments/{attached_id(provider)}"
    browser.get(path)
    form = browser.form(path)
    provider.clock.advance(601)
    browser.post(form.action, form.fields)
    assert browser.path.startswith("/login/")
    assert provider.count_rows("attachments") == 1


def test_a_consent_posted_past_the_announcement_counts_for_nothing(
    provider: Provider, relying_party: RelyingParty
) -> None:
    attach(provider)
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card("hanako")
    browser.submit("/new-browser")
    form = browser.form("/continue")
    browser.post(form.action.replace("/continue", "/consent"), form.fields | {"decision": "allow"})
    assert browser.form("/continue")
    assert provider.count_rows("grants") == 0
    assert_page(browser.post(form.action, {"csrf": "A" * 43}), 403)


def test_no_client_begins_the_ceremony_and_none_sees_its_end(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.use_sandbox_card("taro")
    assert browser.path == "/account"
    assert provider.count_rows("grants") == 1


def test_a_request_names_no_account_that_this_browser_does_not_know(provider: Provider) -> None:
    open_own_page(provider, "taro")
    row = provider.parts.database.read_one("SELECT account_id FROM accounts")
    assert row is not None
    guessed = encode_base64url(hashlib.sha256(row[0].encode()).digest())
    browser = open_own_page(provider)
    browser.get("/account/request")
    assert 'name="account"' not in browser.html
    token = browser.form("/account/request").fields["csrf"]
    for choice in (guessed, row[0], "A" * 43, "é"):
        assert_page(browser.post("/account/request", {"csrf": token, "account": choice}), 403)
    browser.cookies["idp-known"] = "forged"
    assert_page(browser.post("/account/request", {"csrf": token, "account": guessed}), 403)
