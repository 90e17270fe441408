"""The result works in the browser that began and in no other (T1, T4, U4)."""

from collections.abc import Callable

from tests.attacks.refusals import assert_page, assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

Present = Callable[..., PresenterDouble]


def relays(provider: Provider) -> list[str | None]:
    return [txn for event, _, txn, _ in provider.audit_events() if event == "possible_relay"]


def test_a_victims_result_opened_in_the_victims_browser_ends_the_attackers_transaction(
    provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    # T1, T2: the attacker began in ``browser``, the victim was made to present a card, and has another browser.
    sign_in_page = browser.path
    return_url = presenter.present()
    victim = provider.browser()
    assert_page(victim.get(return_url), 403)
    assert relays(provider) == [presenter.transaction["txn"]]
    assert presenter.transaction["txn"][:10] in victim.html
    assert victim.cookies == {}
    browser.get(sign_in_page)
    assert browser.form("/restart")
    browser.get(return_url)
    assert browser.last.status_code == 200
    assert "session" not in browser.cookies
    assert_refused(presenter.prove(), 410, "transaction_ended")
    assert provider.count_rows("browser_sessions") == provider.count_rows("grants") == 0


def test_a_relay_is_audited_once_however_often_the_address_is_opened(
    provider: Provider, presenter: PresenterDouble
) -> None:
    return_url = presenter.present()
    for _ in range(3):
        assert provider.browser().get(return_url).status_code == 403
    assert len(relays(provider)) == 1


def test_a_guessed_secret_ends_nothing(provider: Provider, browser: Browser, presenter: PresenterDouble) -> None:
    return_url = presenter.present()
    guessed = return_url.rpartition(".")[0] + "." + "A" * 43
    assert_page(provider.browser().get(guessed), 403)
    assert relays(provider) == []
    browser.get(guessed)
    assert not any("/new-browser" in form.action for form in browser.forms())
    browser.get(return_url)
    assert browser.form("/new-browser")


def test_an_attackers_result_opened_in_a_victims_browser_signs_nobody_in(
    provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    # T4: forged login, the attacker's own card and transaction.
    victim = provider.browser()
    assert_page(victim.get(presenter.present()), 403)
    assert victim.cookies == {}


def test_a_victim_with_sign_ins_and_a_session_of_their_own_is_not_signed_in_as_the_attacker(
    provider: Provider, relying_party: RelyingParty, presenter: PresenterDouble
) -> None:
    victim = provider.browser()
    relying_party.sign_in(victim, "taro")
    victim.authorize(relying_party.request(prompt="login"))
    before = dict(victim.cookies)
    assert_page(victim.get(presenter.present()), 403)
    assert victim.cookies == before


def test_the_attackers_transaction_link_leads_nowhere_in_a_victims_browser(
    provider: Provider, browser: Browser
) -> None:
    victim = provider.browser()
    for path in (browser.path, f"/sandbox/{browser.tx}", browser.path + "?lang=en"):
        assert_page(victim.get(path), 403)
        assert browser.handle not in victim.html
        assert not any("/login/" in form.action for form in victim.forms())
    assert not any("tx-" in name for name in victim.cookies)
    for action in ("new-browser", "consent", "cancel", "restart"):
        assert_page(victim.post(f"/login/{browser.tx}/{action}", {"csrf": "x", "decision": "allow"}), 403)


def test_a_return_address_is_used_up_by_its_first_use(browser: Browser, presenter: PresenterDouble) -> None:
    sign_in_page = browser.path
    return_url = presenter.present()
    first = browser.request("GET", return_url)
    second = browser.request("GET", return_url)
    assert first.headers["Location"] == second.headers["Location"] == sign_in_page
    assert browser.get(second.headers["Location"]).status_code == 200


def test_a_used_address_opened_elsewhere_still_ends_a_sign_in_that_is_not_finished(
    provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    return_url = presenter.present()
    browser.get(return_url)
    assert provider.browser().get(return_url).status_code == 403
    assert len(relays(provider)) == 1
    browser.submit("/new-browser")
    assert provider.count_rows("browser_sessions") == 0


def test_an_unknown_or_broken_return_address_is_a_page(provider: Provider, browser: Browser) -> None:
    for result in ("x", ".", "A" * 43, "A" * 43 + ".", "A" * 43 + "." + "A" * 43, "%00", "%FF.%FF", "." * 200):
        assert_page(provider.browser().get("/card/return/" + result), 410)


def test_the_answers_around_the_return_are_not_stored_and_send_no_referrer(
    browser: Browser, presenter: PresenterDouble
) -> None:
    """R22."""
    return_url = presenter.present()
    answer = browser.request("GET", return_url)
    assert answer.status_code == 303
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert return_url.rpartition(".")[2] not in answer.headers["Location"]
