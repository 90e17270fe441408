"""The second visit: what is remembered, what is asked again, and how it ends."""

from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider


def test_a_known_browser_with_remembered_consent_goes_from_the_card_straight_to_the_client(
    provider: Provider,
) -> None:
    party, browser = provider.relying_party(), provider.browser()
    first = party.sign_in(browser)
    browser.authorize(party.request(prompt="login"))
    browser.use_sandbox_card()
    second = party.tokens(browser.last)
    assert party.sub(first) == party.sub(second)


def test_a_session_answers_a_second_client_after_consent_alone(provider: Provider) -> None:
    browser = provider.browser()
    provider.relying_party().sign_in(browser)
    other = provider.relying_party()
    browser.authorize(other.request())
    assert browser.form("/consent")
    browser.submit("/consent", decision="allow")
    assert other.sub(other.tokens(browser.last))


def test_consent_refused_goes_back_with_access_denied_and_is_asked_again(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    browser.submit("/new-browser")
    browser.submit("/consent", decision="deny")
    assert party.answer(browser.last)["error"] == "access_denied"
    assert provider.count_rows("grants") == 0
    assert "consent_refused" in [event for event, *_ in provider.audit_events()]
    browser.authorize(party.request())
    assert browser.form("/consent")


def test_back_to_the_service_works_on_every_page(provider: Provider) -> None:
    party = provider.relying_party()
    for stop_at in ("sign-in", "sandbox", "waiting", "failed", "new-browser"):
        browser = provider.browser()
        request = party.request()
        browser.authorize(request)
        if stop_at == "sandbox":
            browser.get(f"/sandbox/{browser.tx}")
        elif stop_at == "failed":
            browser.use_sandbox_card(outcome="locked")
        elif stop_at == "new-browser":
            browser.use_sandbox_card()
        browser.submit("/cancel")
        answer = party.answer(browser.last)
        assert (answer["error"], answer["state"]) == ("access_denied", request["state"]), stop_at
        assert not any("tx-" in name for name in browser.cookies)


def test_reload_and_back_lead_on_at_every_page(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    page = browser.path

    def reload() -> str:
        browser.get(page)
        assert browser.last.status_code == 200
        return browser.title

    assert reload() == reload()
    browser.use_sandbox_card(outcome="wrong_pin")
    assert reload() == reload()
    browser.submit("/restart")
    page = browser.path
    sandbox = f"/sandbox/{browser.tx}"
    browser.get(sandbox)
    again = browser.form(sandbox)
    browser.use_sandbox_card()
    assert reload() == reload()
    # Back to the card page, and the same form once more: the sign-in stands where it stood.
    browser.post(again.action, again.fields)
    assert browser.form("/new-browser")
    browser.submit("/new-browser")
    assert reload() == reload()
    new_browser = browser.request("GET", page + "/new-browser")
    assert new_browser.status_code == 303
    assert browser.get(new_browser.headers["Location"]).status_code == 200
    browser.submit("/consent", decision="allow")
    assert party.code(browser.last)
    # Afterwards the transaction is gone from this browser: a page says so, and what to do.
    browser.get(page)
    assert browser.last.status_code in (403, 410)


def test_a_waiting_page_refreshes_without_script_until_told_not_to(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    page = browser.path
    card = provider.cards["hanako"].user_authentication
    PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle).open()
    browser.get(page)
    assert 'http-equiv="refresh"' in browser.html
    browser.get(page + "?refresh=off")
    assert 'http-equiv="refresh"' not in browser.html


def test_signing_out_ends_the_session_and_the_next_sign_in_asks_for_the_card(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tokens = party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    assert browser.last.status_code == 200
    assert browser.get("/sign-out").status_code == 200
    browser.authorize(party.request())
    assert browser.handle
    # What was given for a person who is here ends with the session (decision 0008); offline access would stay.
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_offline_access_outlives_the_session(provider: Provider) -> None:
    party, browser = provider.relying_party(grant_types=["authorization_code", "refresh_token"]), provider.browser()
    tokens = party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_an_idle_session_asks_for_the_card(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(browser)
    provider.clock.advance(provider.settings.signin.session_idle_seconds + 1)
    browser.authorize(party.request())
    assert browser.handle


def test_a_session_ends_at_its_absolute_age_however_often_it_is_used(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(browser)
    settings = provider.settings.signin
    for _ in range(settings.session_absolute_seconds // settings.session_idle_seconds):
        browser.authorize(party.request())
        assert party.code(browser.last)
        provider.clock.advance(settings.session_idle_seconds)
    browser.authorize(party.request())
    assert browser.handle


def test_a_suspended_account_loses_its_session_and_is_told_so_at_the_card(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tokens = party.sign_in(browser)
    (account_id,) = provider.parts.database.read_one("SELECT account_id FROM accounts")  # type: ignore[misc]
    with provider.parts.durable.writing() as writer:
        writer.set_account_state(account_id, "suspended", provider.clock())
        writer.end_account_sessions(account_id, provider.clock())
    assert party.userinfo(tokens["access_token"]).status_code == 401
    browser.authorize(party.request())
    browser.use_sandbox_card()
    assert browser.form("/restart")
    assert provider.count_rows("browser_sessions") == 0
    with provider.parts.durable.writing() as writer:
        writer.set_account_state(account_id, "active", provider.clock())
    browser.submit("/restart")
    browser.use_sandbox_card()
    assert party.sub(party.tokens(browser.agree())) == party.sub(tokens)


def test_somebody_else_than_the_one_hinted_at_is_refused_and_nothing_is_written(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    hint = party.sign_in(provider.browser())["id_token"]
    accounts = provider.count_rows("accounts")
    browser.authorize(party.request(id_token_hint=hint))
    browser.use_sandbox_card("taro")
    browser.agree()
    assert party.answer(browser.last)["error"] == "login_required"
    assert provider.count_rows("grants") == 1
    assert provider.count_rows("accounts") in (accounts, accounts + 1)


def test_a_refresh_token_is_rotated_and_its_reuse_after_the_grace_ends_the_grant(provider: Provider) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    first = party.sign_in(provider.browser())
    second = party.refresh(first["refresh_token"]).get_json()
    assert second["refresh_token"] != first["refresh_token"]
    provider.clock.advance(provider.settings.oidc.refresh_grace_seconds + 1)
    assert party.refresh(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert party.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert party.userinfo(second["access_token"]).status_code == 401
