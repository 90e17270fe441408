"""The frames of a sign-out as a weapon: to get into the page, to be told of others, to send people on.

What a client's answer does in a frame is tried in Chromium: tests/journeys/test_logout_in_chromium.py.
"""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.attacks.refusals import assert_page
from tests.support.browser import Browser
from tests.support.logout_frames import frames_of, policy_of, refreshes_of
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

BACK = "https://rp.example/bye"
MEMBERS: dict[str, Any] = {"redirect_uris": ["https://rp.example/cb"], "post_logout_redirect_uris": [BACK]}


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return provider.relying_party(**MEMBERS, frontchannel_logout_uri="https://rp.example/signed-out")


def ask(browser: Browser, **parameters: str) -> None:
    browser.get("/end-session?" + urlencode(parameters))


def rewrite_address(provider: Provider, uri: str) -> None:
    """Put another address where the registered one rests, past every rule."""
    sql = "UPDATE clients SET options = REPLACE(options, ?, ?)"
    provider.parts.database.write(sql, (json.dumps("https://rp.example/signed-out"), json.dumps(uri)))


def sign_out(browser: Browser) -> None:
    browser.get("/sign-out")
    browser.submit("/sign-out")


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        "https://rp.example@evil.example/",
        "https://rp.example:8443/",
        "https://rp.example.evil.example/",
        "https://user:word@rp.example/",
        "https://rp.example/#f",
        "https://rp.example\\@evil.example/",
        "https://rp.example\r\nX-Injected: yes/",
        "https://rp.example/\r\nX-Injected: yes",
        "https://rp.example; script-src 'unsafe-inline'/",
        "https://rp.example;script-src/",
        "https://rp.example,https://evil.example/",
        "https://*/",
        "http://rp.example/",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "blob:https://rp.example/0",
        "about:srcdoc",
        "//rp.example/",
        '/"><script>alert(1)</script>',
        "https://rp.example/?sid=chosen",
        "https://rp.example/?iss=https://evil.example",
    ],
)
def test_an_address_that_is_not_on_the_clients_own_origin_is_registered_by_nobody(uri: str, provider: Provider) -> None:
    """Front-Channel Logout §2."""
    made = provider.browser().request("POST", "/register", json=MEMBERS | {"frontchannel_logout_uri": uri})
    assert (made.status_code, made.get_json()["error"]) == (400, "invalid_client_metadata")
    assert provider.count_rows("clients") == 0


def test_an_update_cannot_move_the_frame_away_from_the_redirect_uris(provider: Provider) -> None:
    """RFC 7592 §2.2: neither the frame alone nor the redirect URIs under it."""
    browser = provider.browser()
    members = MEMBERS | {"frontchannel_logout_uri": "https://rp.example/signed-out"}
    made = browser.request("POST", "/register", json=members).get_json()
    path = f"/register/{made['client_id']}"
    token = {"Authorization": f"Bearer {made['registration_access_token']}"}
    for changed in (
        {"frontchannel_logout_uri": "https://evil.example/"},
        {"redirect_uris": ["https://evil.example/cb"], "post_logout_redirect_uris": []},
    ):
        body = members | changed | {"client_id": made["client_id"]}
        answer = browser.request("PUT", path, json=body, headers=token)
        assert answer.status_code == 400, answer.get_data()


@pytest.mark.parametrize(
    "uri",
    [
        "https://rp.example; script-src 'unsafe-inline'; x/",
        "https://rp.example\r\nX-Injected: yes",
        "https://rp.example/\r\nX-Injected: yes",
        'https://rp.example/"><script>alert(1)</script>',
        "javascript:alert(1)",
        "https://*",
    ],
)
def test_what_stands_in_the_database_cannot_leave_the_header_or_the_attribute(
    uri: str, provider: Provider, party: RelyingParty
) -> None:
    """A row from before the rule, or one that somebody else wrote: the page does not rest on the registration."""
    browser = provider.browser()
    party.sign_in(browser)
    rewrite_address(provider, uri)
    sign_out(browser)
    policy = policy_of(browser.last)
    assert "X-Injected" not in browser.last.headers
    assert "script-src" not in policy
    assert policy.get("frame-src", "https://rp.example") == "https://rp.example"
    assert "<script" not in browser.html
    assert not [address for address in frames_of(browser.last) if not address.startswith("https://rp.example/")]


def test_a_rewritten_address_is_what_the_page_loads(provider: Provider, party: RelyingParty) -> None:
    """Establishes that the tests around it try what they say."""
    browser = provider.browser()
    party.sign_in(browser)
    rewrite_address(provider, "https://other.example/x")
    sign_out(browser)
    assert policy_of(browser.last)["frame-src"] == "https://other.example"


def test_nothing_of_our_own_is_ever_framed(provider: Provider, party: RelyingParty) -> None:
    """A frame of our own origin could reach the page around it; a client may live below another path of our host."""
    browser = provider.browser()
    party.sign_in(browser)
    rewrite_address(provider, f"{provider.settings.issuer}/elsewhere")
    sign_out(browser)
    assert frames_of(browser.last) == []
    assert "frame-src" not in policy_of(browser.last)


def test_only_the_session_that_ended_is_told_of(provider: Provider, party: RelyingParty) -> None:
    """Not another person's clients, not this person's in another browser, not one that never redeemed its code."""
    lurker = provider.relying_party(
        redirect_uris=["https://lurker.example/cb"], frontchannel_logout_uri="https://lurker.example/x"
    )
    party.sign_in(provider.browser(), "taro")
    lurker.sign_in(provider.browser(), "hanako")
    browser = provider.browser()
    party.sign_in(browser, "hanako")
    browser.authorize(lurker.request(prompt="consent"))
    browser.agree()
    assert "code" in lurker.answer(browser.last)
    sign_out(browser)
    assert [address.partition("?")[0] for address in frames_of(browser.last)] == ["https://rp.example/signed-out"]


def test_whoever_is_not_signed_in_loads_nothing_and_is_sent_nowhere(provider: Provider, party: RelyingParty) -> None:
    """R4: an attacker's own hint in anybody's browser."""
    attackers = provider.browser()
    hint = party.sign_in(attackers)["id_token"]
    victim = provider.browser()
    ask(victim, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert_page(victim.last, 200)
    assert frames_of(victim.last) == refreshes_of(victim.last) == []
    victim.post("/end-session/confirm", {"decision": "sign_out"})
    victim.post("/sign-out", {})
    assert frames_of(victim.last) == refreshes_of(victim.last) == []


def test_the_hint_of_another_session_loads_nothing_before_the_person_has_agreed(
    provider: Provider, party: RelyingParty
) -> None:
    """CSRF logout."""
    hint = party.sign_in(provider.browser(), "taro")["id_token"]
    victim = provider.browser()
    party.sign_in(victim)
    ask(victim, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert frames_of(victim.last) == refreshes_of(victim.last) == []
    assert provider.count_rows("browser_sessions") == 2


@pytest.mark.parametrize(
    "state",
    [
        '"><script>alert(1)</script>',
        "'; url=https://evil.example",
        "x;url=https://evil.example",
        "a&code=b#c",
        "\r\nRefresh: 0; url=https://evil.example",
        "\u202e\u2066",
    ],
)
def test_a_state_cannot_leave_the_address_that_the_page_goes_on_to(
    state: str, provider: Provider, party: RelyingParty
) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=BACK, state=state)
    [refresh] = refreshes_of(browser.last)
    seconds, _, address = refresh.partition("; url=")
    assert seconds == "2"
    assert address.startswith(BACK + "?state=")
    assert not set(address.removeprefix(BACK + "?state=")) & set("\"'<>&#; \r\n")
    assert "evil.example" not in "".join(frames_of(browser.last))
    assert "Refresh" not in browser.last.headers
    assert "<script" not in browser.html


def test_a_crowd_of_clients_cannot_make_the_answer_too_long_for_a_proxy(provider: Provider) -> None:
    """Clients that register themselves cost nothing; common proxies give all headers of an answer 4 KiB."""
    browser = provider.browser()
    host = "h" * 60 + ".example" * 15
    for number in range(25):
        uris = [f"https://{host}{number}/cb"]
        crowd = provider.relying_party(redirect_uris=uris, frontchannel_logout_uri=f"https://{host}{number}/x")
        crowd.sign_in(browser)
    sign_out(browser)
    assert browser.last.status_code == 200
    assert 0 < len(frames_of(browser.last)) <= 20
    assert len(str(browser.last.headers)) < 4096


def test_what_a_client_is_told_is_not_logged(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    sid = party.claims(party.sign_in(browser)["id_token"])["sid"]
    sign_out(browser)
    assert sid in frames_of(browser.last)[0]
    assert sid not in provider.log.getvalue()
