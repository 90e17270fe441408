"""Several sign-ins in one browser: each has its own cookie, and none disturbs another."""

from tests.support.browser import Browser
from tests.support.provider import Provider


def transactions(browser: Browser) -> list[str]:
    return [name for name in browser.cookies if "tx-" in name]


def test_two_sign_ins_in_two_tabs_of_one_browser_both_finish(provider: Provider) -> None:
    first_party, second_party, browser = provider.relying_party(), provider.relying_party(), provider.browser()
    browser.authorize(first_party.request())
    first_tab = browser.path
    browser.authorize(second_party.request())
    second_tab = browser.path
    for tab, party in ((first_tab, first_party), (second_tab, second_party)):
        browser.get(tab)
        browser.use_sandbox_card()
        browser.agree()
        assert party.sub(party.tokens(browser.last))
    assert transactions(browser) == []


def test_two_tabs_whose_steps_alternate_both_finish(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tabs = []
    for _ in range(2):
        browser.authorize(party.request())
        tabs.append(browser.path)
    for tab in tabs:
        browser.get(tab)
        browser.use_sandbox_card()
    subs = []
    for tab in reversed(tabs):
        browser.get(tab)
        browser.agree()
        subs.append(party.sub(party.tokens(browser.last)))
    assert subs[0] == subs[1]


def test_different_people_in_two_tabs_are_not_mixed_up(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tabs = {}
    for person in ("hanako", "taro"):
        browser.authorize(party.request())
        tabs[person] = browser.path
        browser.use_sandbox_card(person)
    subs = {}
    for person, tab in tabs.items():
        browser.get(tab)
        browser.agree()
        subs[person] = party.sub(party.tokens(browser.last))
    for person, sub in subs.items():
        assert party.sub(party.sign_in(provider.browser(), person)) == sub
    assert subs["hanako"] != subs["taro"]


def test_the_ninth_sign_in_at_a_time_gives_up_the_oldest(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    pages = []
    for _ in range(9):
        browser.authorize(party.request())
        pages.append(browser.path)
        provider.clock.advance(1)
    assert len(transactions(browser)) == 8
    assert browser.get(pages[0]).status_code == 403
    for page in pages[1:]:
        assert browser.get(page).status_code == 200


def test_thousands_of_planted_cookies_do_not_keep_a_sign_in_from_starting(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.cookies = {f"idp-tx-{number:043}": "1." + "A" * 43 for number in range(80)}
    assert browser.authorize(party.request()).status_code == 200
    assert len(transactions(browser)) <= 80
