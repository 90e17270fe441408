"""Who polls learns a state, never the result."""

from collections.abc import Callable

from tests.attacks.refusals import assert_page, assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider


def test_the_page_never_shows_return_address_secret_or_nonce(browser: Browser, presenter: PresenterDouble) -> None:
    page = browser.path
    presenter.open()
    return_url = presenter.prove().get_json()["return_url"]
    key, _, secret = return_url.rpartition("/")[2].partition(".")
    for _ in range(3):
        browser.get(page)
        for hidden in (return_url, key, secret, presenter.nonce, presenter.secret, presenter.commitment):
            assert hidden not in browser.html
        assert "Location" not in browser.last.headers


def test_a_thief_of_the_transactions_cookie_who_polls_is_not_signed_in(
    browser: Browser, presenter: PresenterDouble
) -> None:
    thief = browser.copy()
    presenter.present()
    thief.get(browser.path)
    assert_page(thief.last, 200)
    assert "session" not in thief.cookies


def test_polling_by_the_presenters_api_without_the_secret_tells_nothing(
    presenter: PresenterDouble, present_with: Callable[..., PresenterDouble]
) -> None:
    return_url = presenter.present()
    poller = present_with(presenter.handle)
    answer = poller.open()
    assert_refused(answer, 410, "already_opened") if answer.status_code == 410 else None
    assert return_url not in answer.get_data(as_text=True)


def test_the_transient_store_holds_neither_handle_nor_secret(
    provider: Provider, browser: Browser, presenter: PresenterDouble
) -> None:
    return_secret = presenter.present().rpartition(".")[2]
    cookie_secret = next(iter(browser.cookies.values())).partition(".")[2]
    stored = b"".join(
        path.read_bytes() for path in provider.directory.glob("transient.sqlite3*") if path.stat().st_size
    )
    assert browser.tx.encode() in stored
    for hidden in (presenter.handle, presenter.secret, return_secret, cookie_secret):
        assert hidden.encode() not in stored
