"""A cookie planted by a sibling host: two of one name mean that somebody planted one, so neither counts."""

from urllib.parse import urlencode

from tests.attacks.refusals import assert_page
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def both(browser: Browser, name: str, planted: str, *, planted_first: bool) -> dict[str, str]:
    pairs = [f"{name}={planted}", f"{name}={browser.cookies[name]}"]
    others = [f"{other}={value}" for other, value in browser.cookies.items() if other != name]
    return {"Cookie": "; ".join(others + (pairs if planted_first else pairs[::-1]))}


def test_a_second_transaction_cookie_of_the_same_name_stops_the_sign_in(browser: Browser) -> None:
    (name,) = (name for name in browser.cookies if "tx-" in name)
    for planted_first in (True, False):
        headers = both(browser, name, "1775012400." + "A" * 43, planted_first=planted_first)
        assert_page(browser.request("GET", browser.path, headers=headers), 403)


def test_a_second_session_cookie_makes_nobody_of_the_browser(provider: Provider, relying_party: RelyingParty) -> None:
    attacker, victim = provider.browser(), provider.browser()
    relying_party.sign_in(attacker, "taro")
    relying_party.sign_in(victim)
    (name,) = (name for name in victim.cookies if name.endswith("session"))
    for planted_first in (True, False):
        headers = both(victim, name, attacker.cookies[name], planted_first=planted_first)
        victim.get("/authorize?" + urlencode(relying_party.request(prompt="none")), headers=headers)
        answer = relying_party.answer(victim.last)
        assert answer["error"] == "login_required"


def test_cookies_that_are_not_ours_are_as_if_absent(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    for name in ("idp-session", "idp-known", "idp-language"):
        for value in ("", "x", "A" * 43, "A" * 5000, "é", "%00", '"', "1.2.3", "\x01"):
            browser.cookies = {name: value}
            assert browser.authorize(relying_party.request()).status_code == 200
            assert browser.handle


def test_a_transaction_cookie_of_another_form_does_not_break_the_page(browser: Browser) -> None:
    (name,) = (name for name in browser.cookies if "tx-" in name)
    path = browser.path
    for value in ("", ".", "x", "1." + "A" * 42, "-1." + "A" * 43, "1" * 30 + "." + "A" * 43, "１." + "A" * 43):
        browser.cookies = {name: value}
        assert browser.get(path).status_code in (403, 410)
    browser.cookies = {"idp-tx-": "1." + "A" * 43, "idp-tx-x": "1." + "A" * 43}
    assert browser.get(path).status_code == 403


def test_a_transaction_cookie_under_another_transactions_name_opens_nothing(
    provider: Provider, browser: Browser, relying_party: RelyingParty
) -> None:
    mine = browser.path
    first = dict(browser.cookies)
    browser.authorize(relying_party.request())
    (second,) = (name for name in browser.cookies if name not in first)
    (only_first,) = first
    browser.cookies[only_first] = browser.cookies[second]
    assert_page(browser.get(mine), 410)
