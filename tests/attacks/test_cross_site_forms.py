"""Forms posted from elsewhere: every form carries the token of its own sign-in."""

import pytest

from tests.attacks.refusals import assert_page
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

FORMS = {
    "new-browser": {},
    "consent": {"decision": "allow"},
    "cancel": {},
    "restart": {},
}


def in_place_for(form: str, browser: Browser, presenter: PresenterDouble) -> str:
    """Bring the sign-in to where the form is; its address."""
    if form in ("new-browser", "consent"):
        browser.get(presenter.present())
    if form == "consent":
        browser.submit("/new-browser")
    if form == "restart":
        presenter.open()
        presenter.cancel()
        browser.get(browser.path)
    return browser.form("/" + form).action


@pytest.mark.parametrize("form", FORMS)
def test_without_its_token_a_form_does_nothing(
    form: str, provider: Provider, relying_party: RelyingParty, browser: Browser, presenter: PresenterDouble
) -> None:
    action = in_place_for(form, browser, presenter)
    before = (dict(browser.cookies), provider.count_rows("browser_sessions"), provider.count_rows("grants"))
    other = provider.browser()
    other.authorize(relying_party.request())
    foreign = other.form("/cancel").fields["csrf"]
    own = browser.form("/" + form).fields["csrf"]
    for token in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": own + "x"}, {"csrf": own[:-1]}, {"csrf": "é"}):
        assert_page(browser.request("POST", action, data=FORMS[form] | token), 403)
    for body in (f"csrf={own}&csrf={own}", f"csrf={foreign}&csrf={own}", f"csrf={own}&csrf={foreign}"):
        answer = browser.request("POST", action, data=body, content_type="application/x-www-form-urlencoded")
        assert_page(answer, 403)
    assert_page(browser.request("POST", action, json={"csrf": own}), 403)
    assert_page(browser.request("POST", f"{action}?csrf={own}", data=FORMS[form]), 403)
    after = (dict(browser.cookies), provider.count_rows("browser_sessions"), provider.count_rows("grants"))
    assert after == before


@pytest.mark.parametrize("form", FORMS)
def test_a_form_asked_for_by_get_changes_nothing_and_leads_to_the_page(
    form: str, provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    action = in_place_for(form, browser, presenter)
    grants = provider.count_rows("grants")
    csrf = browser.form("/" + form).fields["csrf"]
    answer = browser.request("GET", f"{action}?csrf={csrf}&decision=allow")
    assert answer.status_code == 303
    assert answer.headers["Location"] == action.rpartition("/")[0]
    assert browser.get(answer.headers["Location"]).status_code == 200
    assert provider.count_rows("grants") == grants


def test_the_token_of_another_tab_of_the_same_browser_is_refused(relying_party: RelyingParty, browser: Browser) -> None:
    token = browser.form("/cancel").fields["csrf"]
    browser.authorize(relying_party.request())
    assert_page(browser.post(browser.form("/cancel").action, {"csrf": token}), 403)


def test_the_sandbox_form_needs_its_token_and_known_choices(browser: Browser) -> None:
    path = f"/sandbox/{browser.tx}"
    browser.get(path)
    token = browser.form(path).fields["csrf"]
    for fields in (
        {"person": "hanako", "outcome": "ok"},
        {"csrf": token, "person": "nobody", "outcome": "ok"},
        {"csrf": token, "person": "hanako", "outcome": "unlisted"},
        {"csrf": token},
    ):
        assert_page(browser.post(path, fields), 403)


def test_consent_without_a_decision_is_no_consent(
    provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    action = in_place_for("consent", browser, presenter)
    token = browser.form("/consent").fields["csrf"]
    for fields in ({}, {"decision": ""}, {"decision": "yes"}, {"decision": "ALLOW"}):
        assert_page(browser.post(action, {"csrf": token} | fields), 403)
    assert provider.count_rows("grants") == 0


def test_signing_out_needs_the_sessions_token(provider: Provider, relying_party: RelyingParty) -> None:
    browser, other = provider.browser(), provider.browser()
    relying_party.sign_in(browser)
    relying_party.sign_in(other, "taro")
    other.get("/sign-out")
    foreign = other.form("/sign-out").fields["csrf"]
    for fields in ({}, {"csrf": ""}, {"csrf": foreign}):
        assert_page(browser.post("/sign-out", fields), 403)
    browser.get("/sign-out?csrf=x")
    assert provider.count_rows("browser_sessions") == 2
    own = browser.form("/sign-out").fields["csrf"]
    doubled = f"csrf={own}&csrf={own}"
    assert_page(
        browser.request("POST", "/sign-out", data=doubled, content_type="application/x-www-form-urlencoded"), 403
    )
    browser.post("/sign-out", {"csrf": own})
    assert provider.count_rows("browser_sessions") == 1
    assert not any(name.endswith("session") for name in browser.cookies)


def test_a_form_of_a_sign_in_that_is_over_leads_to_a_page(browser: Browser) -> None:
    cancel = browser.form("/cancel")
    cookies = dict(browser.cookies)
    assert browser.post(cancel.action, cancel.fields).status_code == 303
    # This browser knows that it ended here; without that mark it might have been begun anywhere.
    assert_page(browser.post(cancel.action, cancel.fields), 410)
    del browser.cookies["idp-ended"]
    assert_page(browser.post(cancel.action, cancel.fields), 403)
    browser.cookies = cookies
    assert_page(browser.post(cancel.action, cancel.fields), 410)
