"""One person with several cards: both proven afresh, told for thirty days, undone by the older, or asked for."""

from collections.abc import Callable

import pytest

from idp.identity.link_request import approve_request
from tests.journeys.in_process.test_account_page import confirm, events, open_own_page
from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

DAY = 86_400


def begin(browser: Browser, path: str = "/account/attach") -> None:
    """Press the button that begins the ceremony."""
    browser.get(path)
    browser.submit(path)
    assert browser.path.startswith("/login/"), browser.path


def attach(provider: Provider, old: str = "hanako", new: str = "taro") -> Browser:
    """A browser on the page of a person who has just added a card."""
    browser = open_own_page(provider, old)
    provider.clock.advance(60)
    begin(browser)
    browser.use_sandbox_card(old)
    browser.use_sandbox_card(new)
    assert browser.path == "/account", browser.html
    return browser


def refused(browser: Browser) -> str:
    """The heading of a refusal that left everything as it was."""
    assert "/restart" in browser.html
    return browser.title


def undo_path(browser: Browser) -> str:
    (path,) = {part.split('"')[0] for part in browser.html.split('href="') if "/account/attachments/" in part[:40]}
    return path


def attached_id(provider: Provider) -> str:
    row = provider.parts.database.read_one("SELECT credential_id FROM attachments")
    assert row is not None
    return str(row[0])


def test_after_both_proofs_either_card_is_the_same_person_to_a_service(
    provider: Provider, relying_party: RelyingParty
) -> None:
    before = relying_party.sub(relying_party.sign_in(provider.browser()))
    attach(provider)
    provider.clock.advance(31 * DAY)
    provider.refresh_lists()
    assert relying_party.sub(relying_party.sign_in(provider.browser(), "taro")) == before
    assert provider.count_rows("accounts") == 1
    assert provider.count_rows("credentials") == 2


def test_the_person_is_led_from_the_old_card_to_the_new_one_and_back_to_the_page(provider: Provider) -> None:
    browser = open_own_page(provider)
    begin(browser)
    assert browser.title == "1/2　いま使っているカード"
    first = browser.tx
    browser.use_sandbox_card("hanako")
    assert browser.title == "2/2　新しいカードまたはスマートフォン"
    assert browser.tx != first
    browser.use_sandbox_card("taro")
    assert browser.path == "/account"
    assert "マイナンバーカードが追加されました" in browser.html
    assert not [name for name in browser.cookies if "tx-" in name]


def test_each_card_signs_the_ceremony_and_not_a_sign_in(
    provider: Provider, present_with: Callable[..., PresenterDouble]
) -> None:
    browser = open_own_page(provider)
    begin(browser)
    old = present_with(browser.handle)
    browser.get(old.present())
    new = present_with(browser.handle, "taro")
    browser.get(new.present())
    assert {each.transaction["action"] for each in (old, new)} == {"attach-credential"}
    assert old.transaction["txn"] == new.transaction["txn"]
    assert old.transaction["statement"] != new.transaction["statement"]
    assert all(each.transaction["statement"] for each in (old, new))
    row = provider.parts.database.read_one(
        "SELECT txn, check_ids FROM audit_events WHERE event = 'credential_attached'"
    )
    assert row is not None
    assert row[0] == old.transaction["txn"]
    assert len(row[1].split()) >= 2


def test_an_audit_says_that_a_card_was_attached_and_no_account_was_opened(provider: Provider) -> None:
    attach(provider)
    assert [event for event, _ in events(provider)].count("account_opened") == 1
    assert ("credential_attached", "") in events(provider)


def test_the_new_card_makes_no_session_of_its_own(provider: Provider) -> None:
    attach(provider)
    rows = provider.parts.database.read_all("SELECT credential_id FROM browser_sessions", ())
    assert [row[0] for row in rows] != [attached_id(provider)]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("old", "new", "outcome", "title"),
    [
        ("taro", None, "different_person", "別の人のカードです"),
        ("hanako", "hanako", "same_credential", "同じカードが2回使われました"),
    ],
)
def test_a_card_that_is_not_the_one_asked_for_changes_nothing(
    old: str, new: str | None, outcome: str, title: str, provider: Provider
) -> None:
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card(old)
    if new is not None:
        browser.use_sandbox_card(new)
    assert refused(browser) == title
    assert events(provider)[-1] == ("card_refused", outcome)
    assert provider.count_rows("attachments") == 0
    assert provider.count_rows("credentials") == 1


def test_another_persons_card_is_not_added(provider: Provider) -> None:
    open_own_page(provider, "taro")
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.use_sandbox_card("taro")
    assert refused(browser) == "別のアカウントで使われています"
    assert events(provider)[-1] == ("card_refused", "credential_known")
    assert provider.count_rows("accounts") == 2
    assert provider.count_rows("attachments") == 0


def test_a_card_that_was_added_before_is_said_to_be_the_persons(provider: Provider) -> None:
    browser = attach(provider)
    provider.clock.advance(60)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.use_sandbox_card("taro")
    assert refused(browser) == "すでにあなたのものとして使えます"
    assert provider.count_rows("attachments") == 1


@pytest.mark.parametrize("outcome", ["revoked", "expired", "wrong_pin", "status_unavailable"])
def test_a_new_card_that_does_not_work_is_not_added_and_can_be_tried_again(outcome: str, provider: Provider) -> None:
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.use_sandbox_card("taro", outcome)
    assert refused(browser)
    assert provider.count_rows("attachments") == 0
    browser.submit("/restart")
    assert browser.title == "2/2　新しいカードまたはスマートフォン"
    browser.use_sandbox_card("taro")
    assert browser.path == "/account"
    assert provider.count_rows("attachments") == 1


def test_a_card_reported_lost_is_not_added_anew(provider: Provider) -> None:
    taro = open_own_page(provider, "taro")
    row = provider.parts.database.read_one("SELECT credential_id FROM credentials")
    assert row is not None
    confirm(taro, f"/account/cards/{row[0]}")
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.use_sandbox_card("taro")
    assert refused(browser) == "このカードでのログインは停止されています"
    assert provider.count_rows("attachments") == 0


def test_a_card_that_was_just_added_adds_no_other(provider: Provider) -> None:
    attach(provider)
    provider.clock.advance(29 * DAY)
    provider.refresh_lists()
    browser = open_own_page(provider, "taro")
    begin(browser)
    browser.use_sandbox_card("taro")
    assert refused(browser) == "追加されたばかりのカードでは、次を追加できません"
    provider.clock.advance(DAY)
    provider.refresh_lists()
    browser = open_own_page(provider, "taro")
    begin(browser)
    browser.use_sandbox_card("taro")
    assert browser.title == "2/2　新しいカードまたはスマートフォン"


def test_a_voucher_that_is_reported_lost_meanwhile_vouches_for_nothing(provider: Provider) -> None:
    attach(provider)
    provider.clock.advance(31 * DAY)
    provider.refresh_lists()
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("taro")
    with provider.parts.durable.writing() as writer:
        assert writer.suspend_credential(attached_id(provider), provider.clock())
    browser.use_sandbox_card("phone")
    assert refused(browser) == "このカードでのログインは停止されています"
    assert provider.count_rows("attachments") == 1


def test_the_new_card_comes_within_ten_minutes_of_the_old_one(
    provider: Provider, present_with: Callable[..., PresenterDouble]
) -> None:
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    provider.clock.advance(601)
    browser.get(f"/login/{browser.tx}")
    assert browser.last.status_code == 410
    assert provider.count_rows("attachments") == 0


def test_a_restart_does_not_stretch_the_ten_minutes(provider: Provider) -> None:
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    provider.clock.advance(590)
    browser.use_sandbox_card("taro", "wrong_pin")
    browser.submit("/restart")
    assert browser.title == "2/2　新しいカードまたはスマートフォン"
    provider.clock.advance(11)
    browser.get(f"/login/{browser.tx}")
    assert browser.last.status_code == 410


def test_whoever_goes_back_comes_to_the_page_and_nothing_is_added(provider: Provider) -> None:
    browser = open_own_page(provider)
    begin(browser)
    browser.use_sandbox_card("hanako")
    browser.submit("/cancel")
    assert browser.path == "/account"
    assert provider.count_rows("attachments") == 0


def test_every_sign_in_says_for_thirty_days_that_a_card_was_added(
    provider: Provider, relying_party: RelyingParty
) -> None:
    relying_party.sign_in(usual := provider.browser())
    attach(provider)
    usual.authorize(relying_party.request(prompt="login"))
    usual.use_sandbox_card("hanako")
    assert usual.title == "カードまたはスマートフォンが追加されています"
    assert provider.count_rows("grants") == 1
    usual.submit("/continue")
    assert "code=" in usual.last.headers["Location"]
    provider.clock.advance(30 * DAY)
    provider.refresh_lists()
    usual.authorize(relying_party.request(prompt="login"))
    usual.use_sandbox_card("hanako")
    assert "code=" in usual.last.headers["Location"]


def test_what_was_added_is_said_before_consent_is_asked(provider: Provider, relying_party: RelyingParty) -> None:
    attach(provider)
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card("taro")
    browser.submit("/new-browser")
    assert browser.title == "カードまたはスマートフォンが追加されています"
    browser.submit("/continue")
    assert browser.form("/consent")
    assert "code=" in browser.submit("/consent", decision="allow").headers["Location"]


def test_the_older_card_undoes_it_and_the_younger_is_a_person_of_its_own(
    provider: Provider, relying_party: RelyingParty
) -> None:
    attach(provider)
    before = relying_party.sub(relying_party.sign_in(provider.browser()))
    tokens = relying_party.sign_in(provider.browser(), "taro")
    browser = open_own_page(provider)
    confirm(browser, undo_path(browser))
    assert browser.title == "追加を取り消しました"
    assert relying_party.userinfo(tokens["access_token"]).status_code == 401
    assert ("attachment_undone", "") in events(provider)
    browser.get("/account")
    assert "追加されました" not in browser.html
    assert relying_party.sub(relying_party.sign_in(provider.browser(), "taro")) != before
    assert relying_party.sub(relying_party.sign_in(provider.browser())) == before


def test_the_younger_card_is_told_that_it_cannot_undo_and_does_not(provider: Provider) -> None:
    attach(provider)
    path = f"/account/attachments/{attached_id(provider)}"
    browser = open_own_page(provider, "taro")
    assert path not in browser.html
    browser.get(path)
    assert browser.title == "このカードでは取り消せません"
    browser.get("/account/sign-out")
    token = browser.form("/account/sign-out").fields["csrf"]
    assert browser.post(path, {"csrf": token}).status_code == 404
    assert provider.count_rows("attachments") == 1


def test_after_thirty_days_nothing_is_announced_and_nothing_undone(provider: Provider) -> None:
    attach(provider)
    path = f"/account/attachments/{attached_id(provider)}"
    provider.clock.advance(30 * DAY)
    provider.refresh_lists()
    browser = open_own_page(provider)
    assert "追加されました" not in browser.html
    assert browser.get(path).status_code == 404
    browser.get("/account/sign-out")
    token = browser.form("/account/sign-out").fields["csrf"]
    assert browser.post(path, {"csrf": token}).status_code == 404
    assert provider.count_rows("attachments") == 1


def test_reporting_the_voucher_lost_blocks_what_it_added(provider: Provider) -> None:
    browser = attach(provider)
    row = provider.parts.database.read_one("SELECT attached_by FROM attachments")
    assert row is not None
    browser.get(f"/account/cards/{row[0]}")
    assert "追加したほかのカードやスマートフォンも" in browser.html
    browser.submit(f"/account/cards/{row[0]}")
    assert provider.count_rows("credentials", "state = 'suspended'") == 2


def test_whose_old_card_is_gone_asks_operators_and_two_of_them_decide(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    before = relying_party.sub(relying_party.sign_in(browser))
    begin(browser, "/account/request")
    assert browser.title == "新しいカードまたはスマートフォン"
    browser.use_sandbox_card("taro")
    assert browser.path == "/account"
    assert "運営者の返事を待っている申し込みがあります" in browser.html
    assert provider.count_rows("credentials") == 1
    (request,) = provider.parts.durable.find_pending_link_requests(provider.clock())
    assert request.txn[:10] in browser.html
    for operator in ("sato", "suzuki"):
        with provider.parts.durable.writing() as writer:
            approve_request(writer, request.request_id, operator, now=provider.clock())
    browser.get("/account")
    assert "運営者が認めました" in browser.html
    assert "運営者の返事を待っている" not in browser.html
    assert relying_party.sub(relying_party.sign_in(provider.browser(), "taro")) == before


def test_whoever_is_signed_in_with_the_new_card_asks_for_the_account_that_the_browser_knows(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    before = relying_party.sub(relying_party.sign_in(browser))
    provider.clock.advance(DAY)
    browser.get("/account")
    browser.use_sandbox_card("taro")
    browser.submit("/new-browser")
    browser.get("/account/request")
    assert browser.html.count('name="account"') == 2
    browser.submit("/account/request")
    browser.use_sandbox_card("taro")
    assert browser.path == "/account", browser.title
    assert "運営者の返事を待っている申し込みがあります" in browser.html
    (request,) = provider.parts.durable.find_pending_link_requests(provider.clock())
    for operator in ("sato", "suzuki"):
        with provider.parts.durable.writing() as writer:
            approve_request(writer, request.request_id, operator, now=provider.clock())
    assert provider.count_rows("accounts", "state = 'merged'") == 1
    assert relying_party.sub(relying_party.sign_in(provider.browser(), "taro")) == before
    assert relying_party.sub(relying_party.sign_in(provider.browser())) == before


def test_whoever_asks_for_another_account_asks_with_the_card_that_is_signed_in(provider: Provider) -> None:
    browser = open_own_page(provider)
    provider.clock.advance(60)
    browser.get("/account/sign-in")
    browser.use_sandbox_card("taro")
    browser.submit("/new-browser")
    browser.get("/account/request")
    browser.submit("/account/request")
    browser.use_sandbox_card("child")
    assert refused(browser) == "別の人のカードです"
    assert provider.count_rows("link_requests") == 0


def test_one_card_is_asked_for_once_and_no_more_than_three_wait(provider: Provider) -> None:
    browser = open_own_page(provider)
    others = ("taro", "phone", "child", "next-card")
    for slug in (others[0], *others[:3]):
        begin(browser, "/account/request")
        browser.use_sandbox_card(slug)
        assert browser.path == "/account", browser.title
    assert provider.count_rows("link_requests") == 3
    begin(browser, "/account/request")
    browser.use_sandbox_card(others[3])
    assert refused(browser) == "返事を待っている申し込みがあります"
    assert provider.count_rows("link_requests") == 3


def test_with_a_platform_operator_nothing_has_to_be_added_and_nothing_can(provider: Provider) -> None:
    linked = with_operator(provider)
    browser = open_own_page(linked)
    assert "/account/attach" not in browser.html
    for path in ("/account/attach", "/account/request"):
        browser.get(path)
        assert browser.title == "追加の手続きはいりません"
        browser.get("/account/sign-out")
        token = browser.form("/account/sign-out").fields["csrf"]
        assert browser.post(path, {"csrf": token}).status_code == 404
    linked.close()


def test_without_a_session_the_card_comes_first(provider: Provider) -> None:
    for path in ("/account/attach", "/account/request"):
        browser = provider.browser()
        browser.get(path)
        assert browser.path.startswith("/login/")
        assert browser.title == "マイナンバーカードでログイン"
