"""A card is added and taken away again in Chromium: two proofs, the back button, and no complaint of any page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages_in_chromium import SIGN_IN, expect_step, press_on, stands_at
from tests.support.chromium import Person
from tests.support.headless_person import Request
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NewPerson = Callable[..., Person]
UNDO = "a[href*='/account/attachments/']"
TOLD = "form[action$='/continue'] button"


def open_own_page(tab: Page, provider: RunningProvider, person: str) -> None:
    tab.goto(provider.issuer + "/account")
    for _ in range(4):
        if tab.url.endswith("/account"):
            return
        press_on(tab, person)
    raise AssertionError(f"not on the page: {tab.url}")


def show_card(tab: Page, person: str) -> None:
    """From the sign-in page: the test card's page, and its button."""
    expect_step(tab, SIGN_IN)
    press_on(tab, person)
    press_on(tab, person)


def test_a_phone_is_added_said_at_the_next_sign_in_and_undone(
    provider: RunningProvider, client: RegisteredClient, new_person: NewPerson
) -> None:
    person = new_person()
    tab = person.new_tab()
    open_own_page(tab, provider, "next-card")
    tab.locator("a[href$='/account/attach']").click()
    tab.locator("form[action$='/account/attach'] button").click()
    show_card(tab, "next-card")
    # Going back shows the end of the first card's page and does not take the ceremony along.
    second = tab.url
    tab.go_back()
    tab.goto(second)
    show_card(tab, "phone")
    expect(tab).to_have_url(provider.issuer + "/account")
    expect(tab.locator(UNDO)).to_have_count(1)

    tab.goto(provider.issuer + Request(client, {"prompt": "login"}).path)
    show_card(tab, "phone")
    expect(tab.locator(TOLD)).to_have_count(1)

    open_own_page(tab, provider, "next-card")
    tab.goto(provider.issuer + "/account/sign-in")
    show_card(tab, "next-card")
    tab.locator(UNDO).click()
    tab.locator("form[action*='/account/attachments/'] button").click()
    tab.goto(provider.issuer + "/account")
    expect(tab.locator(UNDO)).to_have_count(0)
    assert person.complaints == []


def test_a_second_tab_of_the_ceremony_does_not_disturb_the_first(
    provider: RunningProvider, new_person: NewPerson
) -> None:
    person = new_person()
    tabs = [person.new_tab(), person.new_tab()]
    open_own_page(tabs[0], provider, "substituted")
    for tab in tabs:
        tab.goto(provider.issuer + "/account/attach")
        tab.locator("form[action$='/account/attach'] button").click()
    for tab in tabs:
        show_card(tab, "substituted")
    assert {stands_at(tab) for tab in tabs} == {SIGN_IN}
    show_card(tabs[0], "child")
    expect(tabs[0]).to_have_url(provider.issuer + "/account")
    # What the second one was begun for has happened meanwhile.
    show_card(tabs[1], "child")
    expect(tabs[1]).to_have_url(provider.issuer + "/account")
    expect(tabs[1].locator(UNDO)).to_have_count(1)
    assert person.complaints == []
