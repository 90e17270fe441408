"""Back and reload after a sign-in has ended here: the page says so, and blames nobody."""

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def test_back_after_the_end_says_that_it_ended(provider: Provider) -> None:
    party: RelyingParty = provider.relying_party()
    browser = provider.browser()
    browser.authorize(party.request())
    page = browser.path
    browser.use_sandbox_card()
    browser.agree()
    assert browser.last.status_code == 303
    assert browser.get(page).status_code == 410
    other = provider.browser()
    assert other.get(page).status_code == 403


def test_back_after_cancelling_says_that_it_ended(provider: Provider) -> None:
    browser = provider.browser()
    browser.authorize(provider.relying_party().request())
    page = browser.path
    browser.submit("/cancel")
    assert browser.get(page).status_code == 410


def test_the_mark_holds_the_last_few(provider: Provider) -> None:
    browser = provider.browser()
    pages = []
    for _ in range(6):
        browser.authorize(provider.relying_party().request())
        pages.append(browser.path)
        browser.submit("/cancel")
    assert [browser.get(page).status_code for page in pages] == [403, 403, 410, 410, 410, 410]
