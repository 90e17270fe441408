"""The person's own page: no other session, no other site, no old card and no client gets at it."""

from collections.abc import Callable

import pytest

from tests.attacks.refusals import assert_page
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def credential_of(provider: Provider, browser: Browser) -> str:
    row = provider.parts.database.read_one(
        "SELECT credential_id FROM browser_sessions ORDER BY created_at DESC LIMIT 1"
    )
    assert row is not None
    return str(row[0])


def forms_of(provider: Provider, relying_party: RelyingParty, credential_id: str) -> list[str]:
    return [
        f"/account/services/{relying_party.client.client_id}",
        f"/account/cards/{credential_id}",
        "/account/sign-out",
        "/account/delete",
    ]


def standing(provider: Provider) -> tuple[int, ...]:
    live = [
        provider.count_rows("browser_sessions"),
        provider.count_rows("consents"),
        provider.count_rows("grants", "revoked_at IS NULL"),
        provider.count_rows("credentials", "state = 'active'"),
        provider.count_rows("accounts", "state = 'active'"),
    ]
    return tuple(live)


def test_no_form_of_the_page_works_without_the_sessions_own_token(
    provider: Provider, relying_party: RelyingParty
) -> None:
    victim, attacker = provider.browser(), provider.browser()
    relying_party.sign_in(victim)
    credential_id = credential_of(provider, victim)
    relying_party.sign_in(attacker, "taro")
    attacker.get("/account/delete")
    foreign = attacker.form("/account/delete").fields["csrf"]
    before = standing(provider)
    for path in forms_of(provider, relying_party, credential_id):
        for fields in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "é"}):
            assert_page(victim.post(path, fields), 403)
        json = victim.request("POST", path, data=b"{}", content_type="application/json")
        assert_page(json, 403)
    assert standing(provider) == before


def test_a_link_changes_nothing(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    credential_id = credential_of(provider, browser)
    browser.get("/account/delete")
    token = browser.form("/account/delete").fields["csrf"]
    before = standing(provider)
    for path in forms_of(provider, relying_party, credential_id):
        assert browser.get(f"{path}?csrf={token}").status_code == 200
    assert standing(provider) == before


def test_nobody_blocks_another_persons_card_or_learns_that_it_is_known(
    provider: Provider, relying_party: RelyingParty
) -> None:
    victim, attacker = provider.browser(), provider.browser()
    relying_party.sign_in(victim)
    credential_id = credential_of(provider, victim)
    relying_party.sign_in(attacker, "taro")
    attacker.get("/account/delete")
    token = attacker.form("/account/delete").fields["csrf"]
    before = standing(provider)
    for known_or_not in (credential_id, "k" * 43):
        path = f"/account/cards/{known_or_not}"
        assert_page(attacker.get(path), 404)
        assert_page(attacker.post(path, {"csrf": token}), 404)
    assert standing(provider) == before


def test_withdrawing_touches_no_other_persons_consent(provider: Provider, relying_party: RelyingParty) -> None:
    victim, attacker = provider.browser(), provider.browser()
    tokens = relying_party.sign_in(victim)
    relying_party.sign_in(attacker, "taro")
    path = f"/account/services/{relying_party.client.client_id}"
    attacker.get(path)
    attacker.submit(path)
    assert provider.count_rows("consents") == 1
    assert relying_party.userinfo(tokens["access_token"]).status_code == 200


def test_names_that_no_database_stores_are_not_found(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    browser.get("/account/delete")
    token = browser.form("/account/delete").fields["csrf"]
    for name in ("%00", "%ff", "%ed%a0%80", "%0a", "x%00y"):
        for folder in ("services", "cards"):
            assert_page(browser.get(f"/account/{folder}/{name}"), 404)
            assert_page(browser.post(f"/account/{folder}/{name}", {"csrf": token}), 404)


@pytest.mark.parametrize("path", ["/account", "/account/delete", "/account/sign-out"])
def test_an_unknown_or_doubled_session_cookie_shows_nothing(path: str, provider: Provider) -> None:
    for cookie in ("idp-session=" + "A" * 43, "idp-session=x", "idp-session=", "idp-session=a; idp-session=b"):
        answer = provider.browser().request("GET", path, headers={"Cookie": cookie})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in")


def test_a_planted_session_does_not_survive_the_card(provider: Provider, relying_party: RelyingParty) -> None:
    attacker, victim = provider.browser(), provider.browser()
    relying_party.sign_in(attacker, "taro")
    planted = attacker.cookies["idp-session"]
    victim.cookies["idp-session"] = planted
    victim.get("/account/sign-in")
    victim.use_sandbox_card()
    victim.submit("/new-browser")
    assert victim.path == "/account"
    assert victim.cookies["idp-session"] != planted
    attacker.get("/account")
    assert attacker.path.startswith("/login/")


def test_a_session_never_stands_in_for_the_card(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    browser.get("/account/sign-in")
    assert browser.path.startswith("/login/")
    assert browser.handle


def test_no_client_can_ask_for_the_own_page_and_no_code_comes_of_it(provider: Provider) -> None:
    browser = provider.browser()
    issuer = provider.settings.issuer
    answer = browser.authorize(
        {
            "client_id": ":account",
            "redirect_uri": f"{issuer}/account",
            "response_type": "code",
            "scope": "openid",
            "code_challenge": "A" * 43,
            "code_challenge_method": "S256",
        }
    )
    assert_page(answer, 400)


def test_one_card_makes_one_session_however_often_the_end_is_asked_for(
    provider: Provider, present_with: Callable[..., PresenterDouble]
) -> None:
    browser = provider.browser()
    browser.get("/account")
    page = browser.path
    browser.get(present_with(browser.handle).present())
    twin = browser.copy()
    browser.submit("/new-browser")
    assert browser.path == "/account"
    assert provider.count_rows("browser_sessions") == 1
    twin.get(page)
    assert "idp-session" not in twin.cookies
    assert provider.count_rows("browser_sessions") == 1


def test_a_used_up_sign_in_does_not_come_back_after_signing_out_everywhere(
    provider: Provider, present_with: Callable[..., PresenterDouble]
) -> None:
    browser = provider.browser()
    browser.get("/account")
    page, thief = browser.path, browser.copy()
    browser.get(present_with(browser.handle).present())
    browser.submit("/new-browser")
    browser.get("/account/sign-out")
    browser.submit("/account/sign-out")
    thief.get(page)
    assert provider.count_rows("browser_sessions") == 0
    assert "idp-session" not in thief.cookies


def test_another_browser_that_opens_the_return_address_gets_nothing(
    provider: Provider, present_with: Callable[..., PresenterDouble]
) -> None:
    browser, stranger = provider.browser(), provider.browser()
    browser.get("/account")
    stranger.get(present_with(browser.handle).present())
    assert provider.count_rows("browser_sessions") == 0
    assert "possible_relay" in [event for event, *_ in provider.audit_events()]
