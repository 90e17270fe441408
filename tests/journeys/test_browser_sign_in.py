"""A whole sign-in in Chromium: both languages, without script, by keyboard, with forced colours, on a narrow screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages_in_chromium import (
    CONSENT,
    EVERY_PAGE,
    STEPS,
    begin,
    check_signed_in,
    expect_step,
    finish_in,
    press_on,
    stands_at,
)
from tests.support.chromium import ClientSite, Person
from tests.support.headless_person import Request
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NewPerson = Callable[..., Person]


@pytest.mark.parametrize(("locale", "language"), [("ja-JP", "ja"), ("en-GB", "en"), ("fr-FR", "ja")])
def test_person_signs_in_in_their_language(
    provider: RunningProvider,
    client: RegisteredClient,
    site: ClientSite,
    new_person: NewPerson,
    locale: str,
    language: str,
) -> None:
    tab, request = new_person(locale=locale).new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    for step in STEPS:
        expect_step(tab, step)
        expect(tab.locator("html")).to_have_attribute("lang", language)
        press_on(tab)

    check_signed_in(provider, request, site.answer_at(tab.url))


def test_client_may_ask_for_a_language_and_the_person_may_change_it(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, request = new_person().new_tab(), Request(client, {"ui_locales": "en", **EVERY_PAGE})
    begin(tab, provider, request)
    expect(tab.locator("html")).to_have_attribute("lang", "en")

    tab.locator("a.language").click()
    expect(tab.locator("html")).to_have_attribute("lang", "ja")
    press_on(tab)
    expect(tab.locator("html")).to_have_attribute("lang", "ja")

    check_signed_in(provider, request, finish_in(tab, site))


def test_second_sign_in_of_the_same_browser_asks_for_nothing_that_was_answered(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, first, second = new_person().new_tab(), Request(client), Request(client)
    begin(tab, provider, first)
    first_sub = check_signed_in(provider, first, finish_in(tab, site, "taro"))

    begin(tab, provider, second)

    # The session stands and consent is remembered: no page at all.
    assert check_signed_in(provider, second, site.answer_at(tab.url)) == first_sub


def test_sign_in_needs_no_javascript(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, request = new_person(java_script_enabled=False).new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)

    check_signed_in(provider, request, finish_in(tab, site))


def focus_by_keyboard(tab: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and establish that the focus can be seen."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("selector => document.activeElement.matches(selector)", selector):
            style = tab.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert style not in ("none", "hidden"), selector
            return
    raise AssertionError(f"Tab never reaches {selector} on {tab.url}")


def test_sign_in_works_by_keyboard_alone(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    controls = (
        "a[href^='/sandbox/']",
        "form[action^='/sandbox/'] button",
        "form[action$='/new-browser'] button",
        "button[value=allow]",
    )
    for step, control in zip(STEPS, controls, strict=True):
        expect_step(tab, step)
        focus_by_keyboard(tab, control)
        with tab.expect_navigation():
            tab.keyboard.press("Enter")

    check_signed_in(provider, request, site.answer_at(tab.url))


def test_skip_link_is_the_first_stop_of_the_keyboard(
    provider: RunningProvider, client: RegisteredClient, new_person: NewPerson
) -> None:
    tab = new_person().new_tab()
    begin(tab, provider, Request(client))

    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    assert tab.evaluate("() => document.activeElement.id") == "main"


def test_everything_to_press_has_an_edge_with_forced_colours(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, request = new_person(forced_colors="active").new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    for step in STEPS:
        expect_step(tab, step)
        assert tab.evaluate("() => matchMedia('(forced-colors: active)').matches")
        edges = tab.locator(".button").evaluate_all(
            "buttons => buttons.map(b => { const s = getComputedStyle(b);"
            " return [s.borderTopStyle, s.borderTopWidth, s.borderTopColor !== s.backgroundColor] })"
        )
        assert edges
        assert all(style == "solid" and width != "0px" and differs for style, width, differs in edges), edges
        press_on(tab)

    check_signed_in(provider, request, site.answer_at(tab.url))


@pytest.mark.parametrize("locale", ["ja-JP", "en-GB"])
def test_no_page_scrolls_sideways_at_320_px(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, locale: str
) -> None:
    tab, request = (
        new_person(locale=locale, viewport={"width": 320, "height": 640}).new_tab(),
        Request(client, EVERY_PAGE),
    )
    begin(tab, provider, request)
    for step in STEPS:
        expect_step(tab, step)
        tab.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        assert tab.evaluate("() => document.documentElement.scrollWidth") <= 320, step
        press_on(tab)
    check_signed_in(provider, request, site.answer_at(tab.url))

    for path in ("/authorize?client_id=nobody", "/nowhere", "/", "/card", "/sign-out", "/login/" + "x" * 43):
        tab.goto(provider.issuer + path)
        assert tab.evaluate("() => document.documentElement.scrollWidth") <= 320, path


def test_text_twice_as_large_still_fits(
    provider: RunningProvider, client: RegisteredClient, new_person: NewPerson
) -> None:
    """WCAG 2.2 SC 1.4.10: 1280 CSS pixels at 400 per cent are 320."""
    tab = new_person(viewport={"width": 640, "height": 800}).new_tab()
    begin(tab, provider, Request(client))
    tab.evaluate("() => { document.documentElement.style.fontSize = '200%' }")

    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("steps_before", range(len(STEPS)))
def test_back_to_the_service_works_from_every_page(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, steps_before: int
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    for _ in range(steps_before):
        press_on(tab)

    if stands_at(tab) == CONSENT:
        tab.locator("button[value=deny]").click()
    else:
        tab.locator("form[action$='/cancel'] button").click()
    tab.wait_for_load_state()

    answer = site.answer_at(tab.url)
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", request.state, provider.issuer)
    assert "code" not in answer


def test_returning_person_goes_from_the_card_straight_to_the_service(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    """The form's redirects end at the client, which the page's form-action must allow."""
    tab, first, second = new_person().new_tab(), Request(client), Request(client, {"prompt": "login"})
    begin(tab, provider, first)
    finish_in(tab, site)
    begin(tab, provider, second)
    press_on(tab)
    press_on(tab)

    check_signed_in(provider, second, site.answer_at(tab.url))
