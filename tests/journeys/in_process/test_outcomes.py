"""Every outcome of the sandbox page, in both languages: what the person reads and how it goes on."""

import pytest

from idp.sandbox.cast import CAST
from idp.sandbox.outcome import OUTCOMES
from idp.web.catalogue import load_catalogues
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider

CATALOGUES = load_catalogues()
REFUSED = [outcome for outcome in OUTCOMES if outcome != "ok"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_outcome_has_its_own_page_that_leads_on(provider: Provider, language: str) -> None:
    party = provider.relying_party()
    for outcome in REFUSED:
        browser = provider.browser()
        browser.authorize(party.request(ui_locales=language))
        browser.use_sandbox_card("hanako", outcome)
        expected = CATALOGUES[language].text(f"reason.{outcome}.title")  # type: ignore[index]
        assert f'<html lang="{language}">' in browser.html
        assert browser.title == expected
        browser.submit("/restart")
        assert browser.handle
        assert provider.count_rows("accounts") == 0


def test_each_person_of_the_cast_ends_as_the_page_promises(provider: Provider) -> None:
    party = provider.relying_party()
    for member in CAST:
        browser = provider.browser()
        browser.authorize(party.request())
        browser.use_sandbox_card(member.slug)
        if member.expected is None:
            assert party.code(browser.agree())
        else:
            assert browser.title == CATALOGUES["ja"].text(f"reason.{member.expected.value}.title")


def test_the_language_can_be_switched_on_a_page_and_stays(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser(**{"Accept-Language": "fr, de;q=0.5"})
    browser.authorize(party.request())
    page = browser.path
    assert '<html lang="ja">' in browser.html
    browser.get(page + "?lang=en")
    assert '<html lang="en">' in browser.html
    browser.get(page)
    assert '<html lang="en">' in browser.html
    browser.use_sandbox_card()
    assert '<html lang="en">' in browser.html
    # The choice outlives the sign-in and outranks what a client says.
    browser.authorize(party.request(ui_locales="ja"))
    assert '<html lang="en">' in browser.html


def test_the_presenter_is_told_the_language_of_the_page(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request(ui_locales="en-GB"))
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    presenter.open()
    assert presenter.transaction["locale"] == "en"


def test_errors_speak_the_persons_language_too(provider: Provider) -> None:
    english = provider.browser(**{"Accept-Language": "en-US"})
    assert '<html lang="en">' in english.get("/authorize").get_data(as_text=True)
    assert '<html lang="ja">' in provider.browser().get("/login/x").get_data(as_text=True)
