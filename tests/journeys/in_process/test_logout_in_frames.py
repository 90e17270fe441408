"""A sign-out in a browser tells the clients of its session by frames of the page (Front-Channel Logout 1.0)."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from idp.ops.logout_delivery import deliver_logouts
from tests.journeys.in_process.test_logout_delivery import Caller, sending
from tests.support.browser import Browser
from tests.support.logout_frames import frames_of, policy_of, refreshes_of, told_to
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

BACK = "https://library.example/bye"


def framed(provider: Provider, host: str, **metadata: Any) -> RelyingParty:
    return provider.relying_party(
        redirect_uris=[f"https://{host}/cb"], frontchannel_logout_uri=f"https://{host}/signed-out?x=1", **metadata
    )


@pytest.fixture
def library(provider: Provider) -> RelyingParty:
    return framed(provider, "library.example", post_logout_redirect_uris=[BACK])


@pytest.fixture
def museum(provider: Provider) -> RelyingParty:
    return framed(provider, "museum.example")


def sid(party: RelyingParty, tokens: dict[str, Any]) -> str:
    return str(party.claims(tokens["id_token"])["sid"])


def told(browser: Browser) -> dict[str, dict[str, str]]:
    """What each host is told by the last page."""
    return {urlsplit(address).netloc: told_to(address) for address in frames_of(browser.last)}


def ask(browser: Browser, **parameters: str) -> None:
    browser.get("/end-session?" + urlencode(parameters))


def test_a_sign_out_at_one_service_is_loaded_by_every_service_of_the_session(
    provider: Provider, library: RelyingParty, museum: RelyingParty
) -> None:
    """Front-Channel Logout §2, §3: with the issuer and the sid of each client's own ID tokens."""
    browser = provider.browser()
    tokens = library.sign_in(browser)
    sids = {"library.example": sid(library, tokens), "museum.example": sid(museum, museum.sign_in(browser))}
    ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="s t")
    issuer = provider.settings.issuer
    assert told(browser) == {host: {"x": "1", "iss": issuer, "sid": each} for host, each in sids.items()}
    assert sids["library.example"] != sids["museum.example"]
    assert provider.count_rows("browser_sessions") == 0
    assert "idp-session" not in browser.cookies


def test_the_page_leads_back_by_itself_and_by_a_button(
    provider: Provider, library: RelyingParty, museum: RelyingParty
) -> None:
    """RP-Initiated Logout §3."""
    browser = provider.browser()
    tokens = library.sign_in(browser)
    ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="s t")
    assert browser.last.status_code == 200
    assert refreshes_of(browser.last) == [f"2; url={BACK}?state=s%20t"]
    assert f'href="{BACK}?state=s%20t"' in browser.html


def test_after_the_question_it_is_the_same(provider: Provider, library: RelyingParty, museum: RelyingParty) -> None:
    browser = provider.browser()
    library.sign_in(browser)
    museum.sign_in(browser)
    ask(browser, client_id=library.client.client_id, post_logout_redirect_uri=BACK, state="s")
    assert told(browser) == {}
    browser.submit("/end-session/confirm", decision="sign_out")
    assert set(told(browser)) == {"library.example", "museum.example"}
    assert refreshes_of(browser.last) == [f"2; url={BACK}?state=s"]


def test_the_policy_lets_exactly_these_origins_in(
    provider: Provider, library: RelyingParty, museum: RelyingParty
) -> None:
    browser = provider.browser()
    library.sign_in(browser)
    museum.sign_in(browser)
    browser.get("/sign-out")
    before = policy_of(browser.last)
    browser.submit("/sign-out")
    after = policy_of(browser.last)
    assert set(after.pop("frame-src").split()) == {"https://library.example", "https://museum.example"}
    assert after == before


def test_without_anybody_to_tell_the_browser_goes_on_at_once(provider: Provider, museum: RelyingParty) -> None:
    party = provider.relying_party(post_logout_redirect_uris=["https://rp.example/bye"])
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri="https://rp.example/bye")
    assert (browser.last.status_code, browser.last.headers["Location"]) == (303, "https://rp.example/bye")


@pytest.mark.parametrize("where", ["/sign-out", "/account/sign-out", "/account/delete"])
def test_signing_out_here_tells_the_services_of_this_browser_and_stays_here(
    where: str, provider: Provider, library: RelyingParty, museum: RelyingParty
) -> None:
    elsewhere = provider.browser()
    museum.sign_in(elsewhere)
    browser = provider.browser()
    own = sid(library, library.sign_in(browser))
    browser.get(where)
    browser.submit(where)
    assert {host: each["sid"] for host, each in told(browser).items()} == {"library.example": own}
    assert refreshes_of(browser.last) == []


def test_the_card_of_this_session_reported_lost_tells_them_too(provider: Provider, library: RelyingParty) -> None:
    browser = provider.browser()
    library.sign_in(browser)
    row = provider.parts.database.read_one("SELECT credential_id FROM credentials", ())
    assert row is not None
    path = f"/account/cards/{row[0]}"
    browser.get(path)
    browser.submit(path)
    assert set(told(browser)) == {"library.example"}


def test_what_leaves_the_session_alone_tells_nobody(provider: Provider, library: RelyingParty) -> None:
    browser = provider.browser()
    library.sign_in(browser)
    path = f"/account/services/{library.client.client_id}"
    browser.get(path)
    browser.submit(path)
    assert browser.last.status_code == 200
    assert told(browser) == {}


def test_a_client_with_both_channels_gets_both_with_one_sid(provider: Provider) -> None:
    """Back-Channel Logout §2.4, Front-Channel Logout §3."""
    party = framed(provider, "both.example", backchannel_logout_uri="https://both.example/logout")
    browser = provider.browser()
    own = sid(party, party.sign_in(browser))
    browser.get("/sign-out")
    browser.submit("/sign-out")
    caller = Caller()
    deliver_logouts(sending(provider, caller))
    [(_, token)] = caller.calls
    assert party.claims(token)["sid"] == told(browser)["both.example"]["sid"] == own


def test_a_step_up_does_not_lose_a_service(provider: Provider, library: RelyingParty, museum: RelyingParty) -> None:
    browser = provider.browser()
    own = sid(museum, museum.sign_in(browser))
    library.sign_in(browser, prompt="login")
    browser.get("/sign-out")
    browser.submit("/sign-out")
    assert told(browser)["museum.example"]["sid"] == own
    assert set(told(browser)) == {"library.example", "museum.example"}


def test_a_page_that_is_asked_for_again_loads_nothing(provider: Provider, library: RelyingParty) -> None:
    browser = provider.browser()
    hint = library.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint)
    assert set(told(browser)) == {"library.example"}
    ask(browser, id_token_hint=hint)
    assert browser.last.status_code == 200
    assert told(browser) == {}
    assert "frame-src" not in policy_of(browser.last)


def test_a_person_goes_back_to_an_application_on_the_device_at_once(provider: Provider, museum: RelyingParty) -> None:
    """Nothing on a page could take them there without a click, and no page of ours links to an application."""
    native = provider.relying_party(
        application_type="native", token_endpoint_auth_method="none", redirect_uris=["com.example.app:/cb"],
        post_logout_redirect_uris=["com.example.app:/bye"],
    )  # fmt: skip
    browser = provider.browser()
    museum.sign_in(browser)
    ask(browser, client_id=native.client.client_id, post_logout_redirect_uri="com.example.app:/bye")
    browser.submit("/end-session/confirm", decision="sign_out")
    assert (browser.last.status_code, browser.last.headers["Location"]) == (303, "com.example.app:/bye")
    assert provider.count_rows("browser_sessions") == 0


@pytest.mark.parametrize(("ui_locales", "words"), [("ja", "知らせています"), ("en", "are being told")])
def test_the_page_says_what_happens_in_the_language_of_the_service(
    ui_locales: str, words: str, provider: Provider, library: RelyingParty
) -> None:
    browser = provider.browser()
    hint = library.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=BACK, ui_locales=ui_locales)
    assert words in browser.html


def test_a_client_registers_itself_for_it(provider: Provider) -> None:
    """Front-Channel Logout §2; RFC 7591 §2."""
    members: dict[str, Any] = {
        "redirect_uris": ["https://own.example/cb"],
        "frontchannel_logout_uri": "https://own.example/bye",
        "frontchannel_logout_session_required": True,
    }
    browser = provider.browser()
    made = browser.request("POST", "/register", json=members)
    assert made.status_code == 201, made.get_data()
    assert members.items() <= made.get_json().items()
    refused = browser.request("POST", "/register", json=members | {"frontchannel_logout_uri": "https://evil.example/"})
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
