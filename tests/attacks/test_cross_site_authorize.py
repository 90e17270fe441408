"""POST /authorize comes from another site: it reads and sets no cookie, and what it kept is named once."""

import pytest

from tests.attacks.refusals import assert_page
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def test_a_post_sets_no_cookie_and_goes_on_by_a_get(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    answer = browser.request("POST", "/authorize", data=relying_party.request())
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    named = answer.headers["Location"]
    assert named.startswith("/authorize/posted/")
    assert browser.get(named).status_code == 200
    assert browser.handle


def test_a_post_reads_no_cookie(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    with_session = browser.request("POST", "/authorize", data=relying_party.request())
    assert with_session.headers["Location"].startswith("/authorize/posted/")
    # The GET that follows is the browser's own navigation, and has the cookies.
    assert "code" in relying_party.answer(browser.get(with_session.headers["Location"]))


def test_a_posted_request_is_named_once(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    named = browser.request("POST", "/authorize", data=relying_party.request()).headers["Location"]
    browser.get(named)
    assert_page(browser.get(named), 410)
    assert_page(provider.browser().get(named), 410)


def test_a_posted_request_expires(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    named = browser.request("POST", "/authorize", data=relying_party.request()).headers["Location"]
    provider.clock.advance(provider.settings.signin.transaction_seconds)
    assert_page(browser.get(named), 410)


def test_a_refused_request_keeps_nothing_and_sets_no_cookie(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    unknown = browser.request("POST", "/authorize", data=relying_party.request(client_id="nobody"))
    assert_page(unknown, 400)
    refused = browser.request("POST", "/authorize", data=relying_party.request(scope="profile"))
    assert relying_party.answer(refused)["error"] == "invalid_scope"
    assert browser.cookies == {}
    assert provider.parts.transient.find("signin", "x", provider.clock()) is None


@pytest.mark.parametrize("name", ["x", "A" * 42, "A" * 44, "A" * 43, "%00", "..", "%0d%0aX: y"])
def test_an_invented_name_is_a_page(provider: Provider, name: str) -> None:
    assert_page(provider.browser().get("/authorize/posted/" + name), 410)


def test_json_is_no_authorization_request(provider: Provider, relying_party: RelyingParty) -> None:
    assert_page(provider.browser().request("POST", "/authorize", json=relying_party.request()), 400)


def test_prompt_none_sets_no_cookie_whatever_comes_of_it(provider: Provider, relying_party: RelyingParty) -> None:
    stranger = provider.browser()
    stranger.authorize(relying_party.request(prompt="none"))
    assert relying_party.answer(stranger.last)["error"] == "login_required"
    assert stranger.cookies == {}
    known = provider.browser()
    relying_party.sign_in(known)
    other = provider.relying_party()
    before = dict(known.cookies)
    known.authorize(relying_party.request(prompt="none"))
    assert "code" in relying_party.answer(known.last)
    assert "Set-Cookie" not in known.last.headers
    known.authorize(other.request(prompt="none"))
    assert other.answer(known.last)["error"] == "consent_required"
    assert known.cookies == before
