"""Tabs, reload, the back button, and links that come from or go to somebody else's browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages_in_chromium import (
    EVERY_PAGE,
    NEW_BROWSER,
    SANDBOX,
    SIGN_IN,
    STEPS,
    begin,
    check_signed_in,
    expect_step,
    finish_in,
    press_on,
    stands_at,
)
from tests.support.chromium import ClientSite, Person
from tests.support.headless_person import Agent, Request
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NewPerson = Callable[..., Person]


@pytest.fixture(scope="module")
def agent(provider: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with provider.card_of("taro") as card:
        yield Agent(tmp_path_factory.mktemp("agent"), provider.issuer, card)


def card_link(tab: Page) -> str:
    return tab.locator("a[href^='mynumber-card:']").get_attribute("href") or ""


def test_two_sign_ins_in_two_tabs_both_finish(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    person = new_person()
    tabs = [(person.new_tab(), Request(client, EVERY_PAGE)) for _ in range(2)]
    for tab, request in tabs:
        begin(tab, provider, request)
    for _ in STEPS:
        # Taking turns: the second tab's steps fall between the first one's.
        for tab, _ in tabs:
            if not tab.url.startswith(site.origin):
                press_on(tab, "hanako")

    subs = {check_signed_in(provider, request, finish_in(tab, site)) for tab, request in tabs}
    assert len(subs) == 1


def test_ninth_sign_in_of_a_browser_ends_the_oldest_and_no_other(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    person = new_person()
    tabs = [(person.new_tab(), Request(client, EVERY_PAGE)) for _ in range(9)]
    for tab, request in tabs:
        begin(tab, provider, request)

    tabs[0][0].reload()
    assert tabs[0][0].locator("a[href^='mynumber-card:']").count() == 0
    for tab, _ in (tabs[1], tabs[8]):
        tab.reload()
        assert stands_at(tab) == SIGN_IN


@pytest.mark.parametrize("step", STEPS)
def test_reload_stays_at_the_step_and_leads_on(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, step: str
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    while stands_at(tab) != step:
        press_on(tab)

    tab.reload()
    tab.reload()

    assert stands_at(tab) == step
    check_signed_in(provider, request, finish_in(tab, site))


@pytest.mark.parametrize("step", STEPS[1:])
def test_back_button_leads_on_from_every_page(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, step: str
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    while stands_at(tab) != step:
        press_on(tab)

    tab.go_back()

    check_signed_in(provider, request, finish_in(tab, site))


def test_form_sent_twice_leads_on_once(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    """A double click on "allow": one code, and the browser arrives."""
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    for _ in range(3):
        press_on(tab)

    tab.locator("button[value=allow]").dblclick()
    # Not wait_for_url: it takes the first submission, which the second cuts short, for a failed navigation.
    expect(tab).to_have_url(re.compile(re.escape(site.origin) + "/"))

    check_signed_in(provider, request, site.answer_at(tab.url))


def test_back_button_after_the_end_says_what_to_do(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    check_signed_in(provider, request, finish_in(tab, site))

    tab.go_back()

    expect(tab.locator("h1")).to_be_visible()
    assert tab.locator("a[href^='mynumber-card:']").count() == 0
    # Starting anew from the service works in the same tab.
    again = Request(client)
    begin(tab, provider, again)
    check_signed_in(provider, again, finish_in(tab, site))


def test_link_of_an_attackers_transaction_leads_nowhere_in_another_browser(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    attacker, victim = new_person().new_tab(), new_person().new_tab()
    request = Request(client, EVERY_PAGE)
    begin(attacker, provider, request)
    login = attacker.url
    addresses = [login, login.replace("/login/", "/sandbox/"), f"{login}/consent", f"{login}/new-browser"]

    for address in addresses:
        victim.goto(address)
        assert victim.locator("form").count() == 0
        assert victim.locator("a[href^='mynumber-card:'], a[href^='/sandbox/']").count() == 0
    assert victim.context.cookies() == []

    # And the attacker's own sign-in is as it was.
    attacker.reload()
    assert stands_at(attacker) == SIGN_IN


def test_result_opened_in_another_browser_ends_the_sign_in_and_says_so(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, agent: Agent
) -> None:
    """The relay: the attacker's link, the victim's card; the result is the victim's browser's, and worth nothing."""
    attacker, victim = new_person().new_tab(), new_person().new_tab()
    request = Request(client, EVERY_PAGE)
    begin(attacker, provider, request)
    return_url = agent.return_url(card_link(attacker))

    victim.goto(return_url)

    assert victim.locator(".banner.error h1").count() == 1
    assert victim.locator("form").count() == 0
    assert not [cookie for cookie in victim.context.cookies() if "session" in str(cookie.get("name"))]
    for address in (return_url, attacker.url):
        attacker.goto(address)
        assert attacker.locator("form[action$='/new-browser'], form[action$='/consent']").count() == 0
    assert site.origin not in attacker.url
    assert "possible_relay" in [line["event"] for line in provider.log_lines()]


def test_agent_s_result_in_a_new_tab_of_the_same_browser_signs_in(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, agent: Agent
) -> None:
    """What happens in life: the agent opens a tab of its own; the first one then leads nobody astray."""
    person = new_person()
    first, request = person.new_tab(), Request(client, EVERY_PAGE)
    begin(first, provider, request)
    return_url = agent.return_url(card_link(first))

    second = person.new_tab()
    second.goto(return_url)
    first.reload()

    # Both tabs now show the same step of one sign-in; either may go on.
    assert stands_at(first) == stands_at(second) == NEW_BROWSER
    check_signed_in(provider, request, finish_in(second, site))
    first.reload()
    assert first.locator("h1").count() == 1
    assert first.locator("form[action$='/consent'], a[href^='mynumber-card:']").count() == 0


def test_return_address_leads_its_own_browser_on_again(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, agent: Agent
) -> None:
    """A lost answer, a second click."""
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    return_url = agent.return_url(card_link(tab))
    tab.goto(return_url)
    assert stands_at(tab) == NEW_BROWSER

    tab.goto(return_url)

    expect_step(tab, NEW_BROWSER)
    check_signed_in(provider, request, finish_in(tab, site))


def test_waiting_page_follows_the_card_by_itself(
    provider: RunningProvider, client: RegisteredClient, new_person: NewPerson, agent: Agent
) -> None:
    tab, request = new_person().new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)

    refused = agent.open(card_link(tab), pin="9999")
    assert refused.returncode == 14
    tab.reload()

    # The app gave up: the page says why and offers a new try, which is a new transaction of the same request.
    assert tab.locator("form[action$='/restart']").count() == 1
    tab.locator("form[action$='/restart'] button").click()
    expect_step(tab, SIGN_IN)
    press_on(tab)
    expect_step(tab, SANDBOX)
