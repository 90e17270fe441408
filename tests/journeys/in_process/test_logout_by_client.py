"""A person signs out at a service, which sends them here and gets them back (RP-Initiated Logout 1.0)."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

BACK = "https://rp.example/bye"
Send = Callable[[Browser, dict[str, str]], object]


def by_get(browser: Browser, parameters: dict[str, str]) -> object:
    return browser.get("/end-session?" + urlencode(parameters))


def by_post(browser: Browser, parameters: dict[str, str]) -> object:
    """As a browser does it: the cross-site POST without cookies, the redirect with them."""
    kept = browser.request("POST", "/end-session", data=parameters, headers={"Cookie": ""})
    return browser.get(kept.headers["Location"])


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return provider.relying_party(post_logout_redirect_uris=[BACK], backchannel_logout_uri="https://rp.example/logout")


def is_signed_in(party: RelyingParty, browser: Browser) -> bool:
    twin = browser.copy()
    twin.authorize(party.request(prompt="none"))
    return "code" in party.answer(twin.last)


def review(provider: Provider, party: RelyingParty) -> None:
    provider.change_client(replace(party.client, is_reviewed=True))


@pytest.mark.parametrize("send", [by_get, by_post])
def test_the_hint_of_this_session_signs_out_at_once_and_leads_back(
    send: Send, provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    provider.clock.advance(1200)  # the ID token is expired, the session lives
    send(browser, {"id_token_hint": hint, "post_logout_redirect_uri": BACK, "state": "s t"})
    assert (browser.last.status_code, browser.last.headers["Location"]) == (303, BACK + "?state=s%20t")
    assert "idp-session" not in browser.cookies
    assert provider.count_rows("browser_sessions") == 0
    # The client that asked is told as well: it may be another server of the service that keeps the sessions.
    assert provider.count_rows("logout_deliveries") == 1
    assert [event[0] for event in provider.audit_events()][-1] == "signed_out"


@pytest.mark.parametrize("send", [by_get, by_post])
def test_without_a_hint_the_person_is_asked_and_led_back_afterwards(
    send: Send, provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    send(browser, {"client_id": party.client.client_id, "post_logout_redirect_uri": BACK, "state": "s"})
    assert browser.last.status_code == 200
    assert party.client.client_name in browser.html
    assert "form-action 'self' https://rp.example" in browser.last.headers["Content-Security-Policy"]
    assert is_signed_in(party, browser)
    browser.submit("/end-session/confirm", decision="sign_out")
    assert browser.last.headers["Location"] == BACK + "?state=s"
    assert provider.count_rows("browser_sessions") == 0


def test_whoever_wants_to_stay_stays(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    by_get(browser, {"client_id": party.client.client_id, "post_logout_redirect_uri": BACK})
    browser.submit("/end-session/confirm", decision="stay")
    assert browser.path.endswith("/")
    assert is_signed_in(party, browser)


def test_without_any_parameter_the_person_is_asked_and_goes_nowhere(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    by_get(browser, {})
    browser.submit("/end-session/confirm", decision="sign_out")
    assert browser.last.status_code == 200
    assert BACK not in browser.html
    assert provider.count_rows("browser_sessions") == 0


@pytest.mark.parametrize("send", [by_get, by_post])
def test_nobody_signed_in_is_no_error_and_a_reviewed_client_gets_the_person_back(
    send: Send, provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    browser.cookies.clear()
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": BACK}
    send(browser, asked)
    assert browser.last.status_code == 200
    assert f'href="{BACK}"' in browser.html
    review(provider, party)
    send(browser, asked)
    assert browser.last.headers["Location"] == BACK
    send(browser, {"client_id": party.client.client_id, "post_logout_redirect_uri": BACK})
    assert browser.last.status_code == 200


def test_an_id_token_after_a_step_up_still_names_this_session(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    party.sign_in(browser, prompt="login")
    by_get(browser, {"id_token_hint": hint})
    assert provider.count_rows("browser_sessions") == 0
    assert browser.last.status_code == 200


def test_a_session_that_lay_idle_ends_too(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    provider.clock.advance(provider.settings.signin.session_idle_seconds + 1)
    by_get(browser, {"id_token_hint": hint})
    assert provider.count_rows("browser_sessions") == 0
    assert provider.count_rows("logout_deliveries") == 1


@pytest.mark.parametrize(("ui_locales", "words"), [("ja", "ログアウト"), ("en", "Sign out"), ("xx en", "Sign out")])
def test_the_question_is_asked_in_the_language_of_the_service(
    ui_locales: str, words: str, provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    by_get(browser, {"client_id": party.client.client_id, "ui_locales": ui_locales})
    assert words in browser.title


def test_a_posted_request_is_named_once(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    kept = browser.request("POST", "/end-session", data={"client_id": party.client.client_id}, headers={"Cookie": ""})
    browser.get(kept.headers["Location"])
    assert browser.form("/end-session/confirm")
    browser.get(kept.headers["Location"])
    assert browser.path == "/sign-out"


def test_a_client_that_changed_while_the_page_was_open_gets_nobody_sent(
    provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    by_get(browser, {"client_id": party.client.client_id, "post_logout_redirect_uri": BACK})
    provider.parts.database.write("UPDATE clients SET post_logout_redirect_uris = 'https://rp.example/new'")
    browser.submit("/end-session/confirm", decision="sign_out")
    assert browser.last.status_code == 200
    assert BACK not in browser.html
    assert provider.count_rows("browser_sessions") == 0
