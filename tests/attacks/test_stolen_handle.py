"""Who saw or stole a link can end that sign-in, never take it over."""

from collections.abc import Callable

from tests.attacks.refusals import assert_page, assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider

Present = Callable[..., PresenterDouble]


def test_a_second_presenter_ends_the_transaction_for_both(
    presenter: PresenterDouble, present_with: Present, browser: Browser
) -> None:
    presenter.open()
    thief = present_with(presenter.handle, "taro")
    assert_refused(thief.open(), 410, "already_opened")
    assert_refused(presenter.prove(), 410, "transaction_ended")
    assert_refused(presenter.open(), 410, "transaction_ended")
    browser.get(browser.path)
    assert browser.form("/restart")


def test_a_thief_who_opens_first_is_found_out_by_the_presenter(
    presenter: PresenterDouble, present_with: Present
) -> None:
    thief = present_with(presenter.handle, "taro")
    assert thief.open().status_code == 200
    assert_refused(presenter.open(), 410, "already_opened")
    assert_refused(thief.prove(), 410, "transaction_ended")


def test_the_same_commitment_gets_the_same_answer(presenter: PresenterDouble) -> None:
    assert presenter.open().get_json() == presenter.open().get_json()


def test_a_proof_with_the_handle_and_another_secret_is_refused_and_spends_nothing(
    presenter: PresenterDouble, present_with: Present
) -> None:
    presenter.open()
    thief = present_with(presenter.handle, "taro")
    thief.nonce, thief.transaction = presenter.nonce, presenter.transaction
    assert_refused(thief.prove(), 401, "invalid_secret")
    assert_refused(thief.cancel(), 401, "invalid_secret")
    assert presenter.prove().status_code == 200


def test_proof_and_cancel_before_open_are_refused(presenter: PresenterDouble) -> None:
    assert_refused(presenter.prove(), 409, "not_open")
    assert_refused(presenter.cancel(), 409, "not_open")


def test_an_unknown_or_malformed_handle_is_refused(presenter: PresenterDouble) -> None:
    body = b'{"format":"mynumber-card/1","commitment":"%s"}' % presenter.commitment.encode()
    for authorization in (
        "", "Handle", "Handle ", "Bearer " + presenter.handle, "Handle " + "A" * 43, "Handle " + presenter.handle + "A",
        "Handle " + presenter.handle[:-1] + "B", "Handle  " + presenter.handle,
    ):  # fmt: skip
        assert_refused(presenter.call("open", body, Authorization=authorization), 401, "invalid_handle")


def test_the_transaction_id_and_txn_are_no_handles(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    for stolen in (browser.tx, presenter.transaction["txn"]):
        presenter.handle = stolen
        assert_refused(presenter.open(), 401, "invalid_handle")


def test_a_thiefs_card_in_a_victims_browser_stops_at_the_new_browser_page(
    provider: Provider, browser: Browser, present_with: Present
) -> None:
    # Forged login with a stolen handle: the thief's card, and the victim made to open the return address.
    return_url = present_with(browser.handle, "taro").present()
    answer = browser.get(return_url)
    assert_page(answer, 200)
    assert browser.form("/new-browser")
    assert provider.count_rows("browser_sessions") == 0
    assert provider.count_rows("grants") == 0
    assert "session" not in browser.cookies
