"""A sign-in finishes once, whatever comes at the same moment; and only for whoever is signed in."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from werkzeug.test import TestResponse

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def codes_of(answers: list[str | None]) -> list[str]:
    return [location for location in answers if location is not None and "code=" in location]


def known_browser(provider: Provider, party: RelyingParty) -> Browser:
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    browser.agree()
    del browser.cookies["idp-session"]
    return browser


def ask_beside(browser: Browser, address: str) -> TestResponse:
    return browser.copy().request("GET", address)


def test_the_return_address_and_the_waiting_page_at_once_give_one_code(
    provider: Provider, relying_party: RelyingParty
) -> None:
    for _ in range(5):
        browser = known_browser(provider, relying_party)
        grants = provider.count_rows("grants")
        browser.authorize(relying_party.request())
        page = browser.path
        browser.get(f"/sandbox/{browser.tx}")
        chosen = browser.request("POST", page.replace("/login/", "/sandbox/"), data=browser.forms()[0].fields)
        addresses = [chosen.headers["Location"], page, page, page]
        with ThreadPoolExecutor(len(addresses)) as pool:
            answers = list(pool.map(partial(ask_beside, browser), addresses))
        assert len(codes_of([answer.headers.get("Location") for answer in answers])) <= 1
        assert provider.count_rows("grants") <= grants + 1
        assert all(answer.status_code in (200, 303, 410) for answer in answers)


def test_six_consents_at_once_give_one_code(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    browser.submit("/new-browser")
    form = browser.form("/consent")
    fields = form.fields | {"decision": "allow"}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: browser.copy().request("POST", form.action, data=fields), range(6)))
    # Which of the answers the browser follows nobody knows, so that each has the code.
    assert len(set(codes_of([answer.headers["Location"] for answer in answers]))) == 1
    assert {answer.status_code for answer in answers} == {303}
    assert provider.count_rows("grants") == 1
    code = relying_party.code(answers[5])
    assert [relying_party.redeem(code).status_code for _ in range(2)] == [200, 400]


def test_a_consent_sent_again_after_its_code_was_redeemed_gives_none(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    browser.submit("/new-browser")
    form, late = browser.form("/consent"), browser.copy()
    fields = form.fields | {"decision": "allow"}
    relying_party.tokens(browser.request("POST", form.action, data=fields))
    answer = late.request("POST", form.action, data=fields)
    assert answer.status_code == 410
    assert "Location" not in answer.headers


def test_a_consent_posted_before_its_page_counts_for_nothing(provider: Provider, relying_party: RelyingParty) -> None:
    browser = known_browser(provider, relying_party)
    consents = provider.count_rows("consents")
    browser.authorize(relying_party.request(prompt="consent"))
    tx, csrf = browser.tx, browser.form("/cancel").fields
    browser.use_sandbox_card()
    # The card was shown and the page is due; a post that comes from elsewhere is answered by that page at first.
    answer = browser.request("POST", f"/login/{tx}/consent", data=csrf | {"decision": "maybe"})
    assert answer.status_code == 403
    assert provider.count_rows("consents") == consents


def test_another_persons_sign_in_does_not_send_the_first_ones_code(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card("hanako")
    browser.submit("/new-browser")
    waiting = browser.form("/consent")
    browser.authorize(relying_party.request(prompt="login"))
    browser.use_sandbox_card("taro")
    browser.agree()
    grants = provider.count_rows("grants")
    browser.post(waiting.action, waiting.fields | {"decision": "allow"})
    assert browser.handle
    assert provider.count_rows("grants") == grants


def test_a_stranger_cannot_fill_the_audit_by_refusing(provider: Provider, relying_party: RelyingParty) -> None:
    before = provider.audit_events()
    browser = provider.browser()
    browser.authorize(relying_party.request())
    csrf = browser.form("/cancel").fields
    browser.post(f"/login/{browser.tx}/consent", csrf | {"decision": "deny"})
    assert "error=access_denied" in browser.last.headers["Location"]
    assert provider.audit_events() == before


def test_a_hint_at_another_person_is_refused_before_anything_is_written(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card("hanako")
    browser.agree()
    hint = relying_party.tokens(browser.last)["id_token"]
    accounts, sessions = provider.count_rows("accounts"), provider.count_rows("browser_sessions")
    browser.authorize(relying_party.request(id_token_hint=hint, prompt="login"))
    browser.use_sandbox_card("taro")
    if "/new-browser" in browser.html:
        browser.submit("/new-browser")
    assert "error=login_required" in browser.last.headers["Location"]
    assert (provider.count_rows("accounts"), provider.count_rows("browser_sessions")) == (accounts, sessions)


def test_head_does_nothing(provider: Provider, relying_party: RelyingParty) -> None:
    browser = known_browser(provider, relying_party)
    browser.authorize(relying_party.request())
    grants = provider.count_rows("grants")
    for path in (browser.path, "/authorize", "/card/return/x.y"):
        assert browser.request("HEAD", path).status_code == 405
    assert provider.count_rows("grants") == grants
