"""The person's own page: behind the card, complete, and able to end everything it shows."""

import pytest

from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import choose, to_the_choice, verified
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

TEN_MINUTES = 600
CHANGES = {"sign-out": "/account/sign-out", "delete": "/account/delete"}


def open_own_page(provider: Provider, person: str = "hanako") -> Browser:
    """A browser on the person's own page, the card just shown."""
    browser = provider.browser()
    browser.get("/account")
    browser.use_sandbox_card(person)
    if "/new-browser" in browser.html:
        browser.submit("/new-browser")
    assert browser.path == "/account", browser.path
    return browser


def confirm(browser: Browser, path: str) -> None:
    """Ask for a change and press its button."""
    browser.get(path)
    browser.submit(path)


def card_path(provider: Provider, kind: str = "card") -> str:
    row = provider.parts.database.read_one("SELECT credential_id FROM credentials WHERE kind = ?", (kind,))
    assert row is not None
    return f"/account/cards/{row[0]}"


def events(provider: Provider) -> list[tuple[str, str]]:
    return [(event, outcome) for event, _, _, outcome in provider.audit_events()]


def test_the_page_is_behind_the_card_and_gives_no_code(provider: Provider) -> None:
    browser = provider.browser()
    browser.get("/account")
    assert browser.path.startswith("/login/")
    assert "マイページ（My page）" in browser.html
    browser.use_sandbox_card()
    assert browser.form("/new-browser")
    browser.submit("/new-browser")
    assert (browser.path, browser.last.status_code, browser.title) == ("/account", 200, "マイページ")
    assert provider.count_rows("grants") == provider.count_rows("consents") == 0
    assert not [name for name in browser.cookies if "tx-" in name]


def test_a_session_from_a_service_shows_the_page(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    assert browser.get("/account").status_code == 200
    assert "rp1.example" in browser.html.replace("<wbr>", "")
    assert relying_party.client.client_name in browser.html


def test_the_page_says_it_in_english_too(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    browser.get("/account?lang=en")
    assert browser.title == "My page"
    browser.get("/account/delete")
    assert "Delete your account?" in browser.title


def test_what_a_service_received_is_listed_by_name_and_never_by_value(provider: Provider) -> None:
    linked = with_operator(provider)
    bank = linked.relying_party(scope="openid name birthdate")
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None, birthdate=None)))
    to_the_choice(browser)
    choose(browser, "name", "birthdate")
    browser.use_sandbox_card("hanako")
    bank.tokens(browser.last)
    browser.get("/account")
    assert "生年月日、氏名" in browser.html
    assert "確認の方法と日時" in browser.html
    assert "山田" not in browser.html
    assert "1990" not in browser.html
    assert "電子署名に使う証明書" in browser.html


def test_withdrawn_consent_ends_the_tokens_of_that_service_alone(provider: Provider) -> None:
    first, second = provider.relying_party(), provider.relying_party()
    browser = provider.browser()
    ended, kept = first.sign_in(browser), second.sign_in(browser)
    confirm(browser, f"/account/services/{first.client.client_id}")
    assert browser.title == "同意を取り消しました"
    assert first.userinfo(ended["access_token"]).status_code == 401
    assert second.userinfo(kept["access_token"]).status_code == 200
    assert provider.count_rows("consents") == 1
    assert ("consent_withdrawn", "") in events(provider)
    browser.authorize(first.request())
    assert browser.form("/consent")
    assert browser.get(f"/account/services/{first.client.client_id}").status_code == 404


def test_the_service_knows_the_person_by_the_same_sub_after_a_withdrawal(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    before = relying_party.sub(relying_party.sign_in(browser))
    confirm(browser, f"/account/services/{relying_party.client.client_id}")
    assert relying_party.sub(relying_party.sign_in(browser)) == before


def test_a_withdrawal_forgets_the_claims_that_were_released(provider: Provider) -> None:
    linked = with_operator(provider)
    bank = linked.relying_party(scope="openid name")
    browser = linked.browser()
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    browser.use_sandbox_card("hanako")
    bank.tokens(browser.last)
    assert linked.count_rows("released_claims") == 1
    confirm(browser, f"/account/services/{bank.client.client_id}")
    assert linked.count_rows("released_claims") == 0


def test_a_lost_card_that_is_the_last_one_is_said_to_be_so_and_stops_at_once(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    tokens = relying_party.sign_in(browser)
    path = card_path(provider)
    browser.get(path)
    assert "ログインできるものがなくなります" in browser.html
    browser.submit(path)
    assert browser.title == "紛失の届け出を受け付けました"
    assert not any(name.endswith("session") for name in browser.cookies)
    assert relying_party.userinfo(tokens["access_token"]).status_code == 401
    assert provider.count_rows("browser_sessions") == 0
    assert ("credential_suspended", "reported_lost") in events(provider)
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    assert provider.count_rows("browser_sessions") == 0
    assert ("card_refused", "suspended") in events(provider)


def test_signing_out_everywhere_ends_other_browsers_and_tokens(provider: Provider, relying_party: RelyingParty) -> None:
    """R16."""
    here, elsewhere = provider.browser(), provider.browser()
    tokens = relying_party.sign_in(elsewhere)
    relying_party.sign_in(here)
    confirm(here, "/account/sign-out")
    assert provider.count_rows("browser_sessions") == 0
    assert relying_party.userinfo(tokens["access_token"]).status_code == 401
    assert ("signed_out", "everywhere") in events(provider)
    elsewhere.get("/account")
    assert elsewhere.path.startswith("/login/")
    assert provider.count_rows("consents") == 1


def test_a_deleted_account_leaves_what_the_page_said_and_nothing_else(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    tokens = relying_party.sign_in(browser)
    sub = relying_party.sub(tokens)
    browser.get("/account/delete")
    for kept in ("サービスごとの識別子", "いつ何をしたかの記録", "本人確認の証跡"):
        assert kept in browser.html
    browser.submit("/account/delete")
    assert browser.title == "アカウントを削除しました"
    assert not any(name.endswith(("session", "known")) for name in browser.cookies)
    for table in ("browser_sessions", "grants", "access_tokens", "consents", "credentials", "account_links"):
        assert provider.count_rows(table) == 0, table
    assert provider.count_rows("accounts", "state = 'closed'") == provider.count_rows("accounts") == 1
    assert provider.count_rows("subjects", f"sub = '{sub}'") == 1
    assert relying_party.userinfo(tokens["access_token"]).status_code == 401
    assert events(provider)[-1] == ("account_deleted", "by_person")


def test_after_deletion_the_same_card_opens_a_new_account_with_another_sub(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    before = relying_party.sub(relying_party.sign_in(browser))
    confirm(browser, "/account/delete")
    assert relying_party.sub(relying_party.sign_in(browser)) != before
    assert provider.count_rows("accounts") == provider.count_rows("subjects") == 2


def test_after_deletion_a_linked_person_opens_a_new_account(provider: Provider) -> None:
    linked = with_operator(provider)
    browser = open_own_page(linked)
    confirm(browser, "/account/delete")
    assert linked.count_rows("account_links") == 0
    open_own_page(linked)
    assert linked.count_rows("accounts", "state = 'active'") == 1


def test_deletion_takes_the_evidence_that_nothing_holds_and_names_what_stays(provider: Provider) -> None:
    linked = with_operator(provider)
    browser = linked.browser()
    parties = [linked.relying_party(scope="openid name", client_name=name) for name in ("図書館", "銀行")]
    for party in parties:
        browser.authorize(party.request(**verified(name=None)))
        to_the_choice(browser)
        choose(browser, "name")
        browser.use_sandbox_card("hanako")
    assert linked.count_rows("evidence") == 2
    held = f"client_id = '{parties[1].client.client_id}'"
    row = linked.parts.database.read_one(f"SELECT txn FROM evidence WHERE {held}")
    assert row is not None
    with linked.parts.durable.writing() as writer:
        assert writer.hold_evidence(row[0], linked.clock())
    browser.get("/account/delete")
    assert "銀行" in browser.html
    assert "図書館" not in browser.html
    browser.submit("/account/delete")
    assert linked.count_rows("evidence") == linked.count_rows("evidence", held) == 1
    assert "evidence_deleted" in [event for event, _ in events(linked)]


def test_a_card_reported_lost_stays_blocked_after_deletion(provider: Provider) -> None:
    linked = with_operator(provider)
    open_own_page(linked, "taro")
    row = linked.parts.database.read_one("SELECT account_id, credential_id FROM credentials")
    assert row is not None
    with linked.parts.durable.writing() as writer:
        writer.suspend_credential(row[1], linked.clock())
        writer.erase_account(row[0], linked.clock())
    browser = linked.browser()
    browser.get("/account")
    browser.use_sandbox_card("taro")
    if "/new-browser" in browser.html:
        browser.submit("/new-browser")
    assert linked.count_rows("browser_sessions") == 0
    assert linked.count_rows("accounts", "state = 'active'") == 0


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_needs_the_card_within_ten_minutes(change: str, provider: Provider) -> None:
    browser = open_own_page(provider)
    browser.get(CHANGES[change])
    form = browser.form(CHANGES[change])
    provider.clock.advance(TEN_MINUTES + 1)
    before = provider.count_rows("browser_sessions")
    browser.post(form.action, form.fields)
    assert browser.path.startswith("/login/")
    assert provider.count_rows("browser_sessions") == before
    browser.use_sandbox_card()
    assert browser.path == "/account"
    confirm(browser, CHANGES[change])
    assert provider.count_rows("browser_sessions") == 0


def test_ten_minutes_are_still_recent(provider: Provider) -> None:
    browser = open_own_page(provider)
    provider.clock.advance(TEN_MINUTES)
    confirm(browser, "/account/sign-out")
    assert provider.count_rows("browser_sessions") == 0


def test_an_older_session_reads_and_is_led_to_the_card(provider: Provider) -> None:
    browser = open_own_page(provider)
    provider.clock.advance(TEN_MINUTES + 1)
    browser.get("/account")
    assert browser.title == "マイページ"
    assert "/account/delete" not in browser.html
    assert "/account/sign-in" in browser.html
    browser.get("/account/delete")
    assert browser.path.startswith("/login/")


def test_going_back_leads_to_the_first_page(provider: Provider) -> None:
    browser = provider.browser()
    browser.get("/account")
    browser.submit("/cancel")
    assert (browser.path, browser.last.status_code) == ("/", 200)
    assert "/account" in browser.html
