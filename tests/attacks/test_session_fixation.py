"""A session's id is born at the authentication and known to nobody before."""

from idp.identifiers import new_identifier
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def session_of(browser: Browser) -> str | None:
    return next((value for name, value in browser.cookies.items() if name.endswith("session")), None)


def test_a_planted_session_cookie_does_not_survive_the_sign_in(provider: Provider, relying_party: RelyingParty) -> None:
    planted = new_identifier()
    victim, attacker = provider.browser(), provider.browser()
    victim.cookies["idp-session"] = attacker.cookies["idp-session"] = planted
    relying_party.sign_in(victim)
    assert session_of(victim) not in (None, planted)
    attacker.authorize(relying_party.request(prompt="none"))
    assert relying_party.answer(attacker.last)["error"] == "login_required"


def test_every_sign_in_has_a_new_session_and_ends_the_former_one(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    thief = browser.copy()
    relying_party.sign_in(browser, prompt="login")
    assert session_of(browser) != session_of(thief)
    assert provider.count_rows("browser_sessions") == 1
    thief.authorize(relying_party.request(prompt="none"))
    assert relying_party.answer(thief.last)["error"] == "login_required"


def test_another_person_in_the_same_browser_replaces_the_session(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    first = relying_party.sub(relying_party.sign_in(browser))
    second = relying_party.sub(relying_party.sign_in(browser, "taro", prompt="login"))
    assert first != second
    assert provider.count_rows("browser_sessions") == 1


def test_an_attackers_session_planted_in_a_victims_browser_is_replaced_by_the_victims(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """U4."""
    attacker, victim = provider.browser(), provider.browser()
    attacker_sub = relying_party.sub(relying_party.sign_in(attacker, "taro"))
    victim.cookies["idp-session"] = attacker.cookies["idp-session"]
    victim_sub = relying_party.sub(relying_party.sign_in(victim, prompt="login"))
    assert victim_sub != attacker_sub
    assert session_of(victim) != attacker.cookies["idp-session"]


def test_nobody_gets_a_session_before_saying_that_the_browser_is_theirs(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    assert session_of(browser) is None
    assert provider.count_rows("browser_sessions") == provider.count_rows("accounts") == 0


def test_known_accounts_of_another_installation_or_browser_do_not_vouch(
    provider: Provider, relying_party: RelyingParty
) -> None:
    first = provider.browser()
    relying_party.sign_in(first)
    stranger = provider.browser()
    known = first.cookies["idp-known"]
    for value in (known[:-1], known[:-4] + "AAAA", known.swapcase(), "A" * len(known), "."):
        stranger.cookies = {"idp-known": value}
        stranger.authorize(relying_party.request())
        stranger.use_sandbox_card()
        assert stranger.form("/new-browser")


def test_the_session_is_stored_as_a_hash(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    stored = b"".join(path.read_bytes() for path in provider.directory.glob("*.sqlite3*"))
    assert {"idp-session", "idp-known", "idp-ended"} == set(browser.cookies)
    for name in ("idp-session", "idp-known"):
        assert browser.cookies[name].encode() not in stored
