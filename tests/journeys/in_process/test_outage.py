"""A database that does not answer: everybody is told so in their own form, and goes on when it is back."""

import pytest

from idp.outage import StoreUnavailable
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Observer, Provider


def fail(sql: str) -> None:
    raise StoreUnavailable("SQLite: SQLITE_BUSY")


@pytest.fixture(params=["durable", "transient"])
def store(request: pytest.FixtureRequest, provider: Provider) -> Observer:
    return getattr(provider, request.param)  # type: ignore[no-any-return]


def assert_unavailable_page(browser: Browser) -> None:
    assert browser.last.status_code == 503
    assert browser.last.mimetype == "text/html"
    assert int(browser.last.headers["Retry-After"]) > 0
    assert "SQLITE" not in browser.html


def test_every_page_says_so_and_the_same_step_goes_on_afterwards(provider: Provider, store: Observer) -> None:
    party, browser = provider.relying_party(), provider.browser()
    request = party.request()
    store.strike = fail
    browser.authorize(request)
    assert_unavailable_page(browser)
    assert browser.cookies == {}
    store.strike = None
    browser.authorize(request)
    page = browser.path
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    return_url = presenter.present()
    steps = [lambda: browser.get(return_url), lambda: browser.submit("/new-browser")]
    steps.append(lambda: browser.submit("/consent", decision="allow"))
    for step in steps:
        forms = browser.last
        store.strike = fail
        step()
        assert_unavailable_page(browser)
        store.strike = None
        browser.get(page) if forms.status_code == 200 and step is not steps[0] else None
        step()
    assert party.sub(party.tokens(browser.last))
    assert provider.count_rows("accounts") == 1


def test_a_presenter_is_told_and_may_repeat(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    provider.transient.strike = fail
    answer = presenter.open()
    assert (answer.status_code, answer.get_json()["error"]) == (503, "server_error")
    assert answer.headers["Retry-After"]
    provider.transient.strike = None
    presenter.open()
    provider.transient.strike = fail
    assert presenter.prove().status_code == 503
    provider.transient.strike = None
    assert presenter.prove().status_code == 200


def test_a_client_is_told_by_a_registered_code_and_its_code_is_still_good(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    code = party.code(browser.agree())
    provider.durable.strike = fail
    answer = party.redeem(code)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"]
    assert set(answer.get_json()) == {"error", "error_description", "error_reference"}
    provider.durable.strike = None
    tokens = party.redeem(code).get_json()
    provider.durable.strike = fail
    assert party.userinfo(tokens["access_token"]).status_code == 503
    provider.durable.strike = None
    assert party.userinfo(tokens["access_token"]).status_code == 200


def test_readiness_tells_and_liveness_does_not(provider: Provider) -> None:
    browser = provider.browser()
    provider.durable.strike = fail
    assert browser.get("/livez").status_code == 200
    assert browser.get("/readyz").status_code == 503


def test_transient_state_lost_in_the_middle_is_a_page_that_says_what_to_do(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    page, handle = browser.path, browser.handle
    cancel = browser.form("/cancel")
    provider.close()
    for path in provider.directory.glob("transient.sqlite3*"):
        path.unlink()
    again = provider.restart()
    try:
        returning = again.browser()
        returning.cookies = dict(browser.cookies)
        assert returning.get(page).status_code == 410
        assert "<li>" in returning.html
        assert returning.post(cancel.action, cancel.fields).status_code == 410
        card = again.cards["hanako"].user_authentication
        presenter = PresenterDouble(again.app, again.settings.issuer, card, handle)
        assert presenter.open().get_json()["error"] == "invalid_handle"
        returning.authorize(party.request())
        returning.use_sandbox_card()
        assert party.at(again.app).code(returning.agree())
    finally:
        again.close()


def test_losing_transient_state_costs_no_session_and_no_token(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tokens = party.sign_in(browser)
    provider.close()
    for path in provider.directory.glob("transient.sqlite3*"):
        path.unlink()
    again = provider.restart()
    try:
        returning = again.browser()
        returning.cookies = dict(browser.cookies)
        returning.authorize(party.request(prompt="none"))
        assert party.code(returning.last)
        assert party.at(again.app).userinfo(tokens["access_token"]).status_code == 200
    finally:
        again.close()
