"""One browser session as its clients know it: a sid for each, through single sign-on, step-up and refresh."""

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def sid(party: RelyingParty, browser: Browser, person: str = "hanako", **changes: str) -> str:
    value = party.claims(party.sign_in(browser, person, **changes)["id_token"])["sid"]
    assert isinstance(value, str)
    return value


def test_single_sign_on_gives_a_client_the_same_sid_and_no_two_clients_one(provider: Provider) -> None:
    """Back-Channel Logout §2.1: one name a session and client, of which neither cookie nor hash follows."""
    browser, one, two = provider.browser(), provider.relying_party(), provider.relying_party()
    first, other = sid(one, browser), sid(two, browser)
    assert sid(one, browser) == first
    assert sid(two, browser) == other
    assert first != other
    assert browser.cookies["idp-session"] not in (first, other)


def test_the_card_again_renews_the_cookie_and_keeps_the_sid(provider: Provider, relying_party: RelyingParty) -> None:
    """A step-up renews the session's id and loses no client."""
    browser = provider.browser()
    first, cookie = sid(relying_party, browser), browser.cookies["idp-session"]
    assert sid(relying_party, browser, prompt="login") == first
    assert browser.cookies["idp-session"] != cookie
    assert sid(relying_party, browser) == first


def test_another_person_and_another_browser_have_another_sid(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    first = sid(relying_party, browser)
    assert sid(relying_party, browser, "taro", prompt="login") != first
    assert sid(relying_party, browser, prompt="login") != first
    assert sid(relying_party, provider.browser()) != first


def test_a_refreshed_id_token_names_the_same_session(provider: Provider) -> None:
    """OIDC Core §12.2."""
    party, browser = provider.relying_party(scope="openid offline_access"), provider.browser()
    tokens = party.sign_in(browser)
    refreshed = party.refresh(tokens["refresh_token"]).get_json()
    assert party.claims(refreshed["id_token"])["sid"] == party.claims(tokens["id_token"])["sid"]


def test_a_session_ends_when_it_lies_idle_and_when_it_is_old(provider: Provider, relying_party: RelyingParty) -> None:
    """However it is used, a session ends after its absolute life; unused, after its idle life."""
    signin = provider.settings.signin
    browser = provider.browser()
    relying_party.sign_in(browser)
    lived, step = 0, signin.session_idle_seconds - 1
    while lived + step < signin.session_absolute_seconds:
        provider.clock.advance(step)
        lived += step
        browser.authorize(relying_party.request())
        assert browser.last.status_code == 303
    provider.clock.advance(signin.session_absolute_seconds - lived)
    browser.authorize(relying_party.request(prompt="none"))
    assert relying_party.answer(browser.last)["error"] == "login_required"
    idle = provider.browser()
    relying_party.sign_in(idle)
    provider.clock.advance(signin.session_idle_seconds + 1)
    idle.authorize(relying_party.request(prompt="none"))
    assert relying_party.answer(idle.last)["error"] == "login_required"
