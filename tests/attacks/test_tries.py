"""Five tries, then the transaction is over; each nonce is good for one."""

from tests.attacks.refusals import assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble


def spoilt(presenter: PresenterDouble) -> dict[str, str]:
    return presenter.proof(algorithm="none")


def test_the_fifth_refused_try_ends_the_transaction(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    nonces = set()
    for left in (4, 3, 2, 1, 0):
        nonces.add(presenter.nonce)
        body = presenter.prove(spoilt(presenter)).get_json()
        assert body["tries_left"] == left
    assert body["next_nonce"] == ""
    assert len(nonces) == 5
    assert_refused(presenter.prove(), 410, "transaction_ended")
    assert_refused(presenter.open(), 410, "transaction_ended")
    browser.get(browser.path)
    assert browser.form("/restart")


def test_the_fifth_try_may_still_be_the_right_one(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    for _ in range(4):
        presenter.prove(spoilt(presenter))
    browser.get(presenter.prove().get_json()["return_url"])
    assert browser.form("/new-browser")


def test_opening_again_gives_no_tries_back(presenter: PresenterDouble) -> None:
    presenter.open()
    for _ in range(3):
        presenter.prove(spoilt(presenter))
    presenter.open()
    presenter.open()
    assert presenter.prove(spoilt(presenter)).get_json()["tries_left"] == 1


def test_after_a_restart_the_old_link_is_dead(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    presenter.cancel("wrong_pin")
    browser.get(browser.path)
    old_handle = presenter.handle
    browser.submit("/restart")
    assert browser.handle != old_handle
    assert_refused(presenter.open(), 401, "invalid_handle")


def test_a_cancelled_transaction_accepts_no_proof(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = presenter.proof()
    assert presenter.cancel().get_json() == {}
    assert_refused(presenter.prove(proof), 410, "transaction_ended")
    assert_refused(presenter.cancel(), 410, "transaction_ended")


def test_a_result_that_was_cancelled_signs_nobody_in(presenter: PresenterDouble, browser: Browser) -> None:
    return_url = presenter.present()
    presenter.cancel()
    browser.get(return_url)
    assert browser.form("/restart")
    assert not any("session" in name for name in browser.cookies)
