"""Logout as a weapon: to send people elsewhere, to sign others out, to pass one token off as another."""

import base64
import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from joserfc.util import int_to_base64

from idp.ops.logout_delivery import MOST_TRIES, LogoutSent, deliver_logouts
from tests.attacks.refusals import assert_page
from tests.journeys.in_process.test_logout_delivery import Caller, sending
from tests.support.browser import Browser
from tests.support.encrypting_client import EncryptionKey
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.unit.oidc.samples import rsa_key

BACK = "https://rp.example/bye"
TWISTED = [
    "https://rp.example/bye/",
    "https://rp.example/bye?x=1",
    "https://rp.example/bye#f",
    "https://rp.example/BYE",
    "https://RP.example/bye",
    "https://rp.example:443/bye",
    "https://rp.example./bye",
    "https://rp.example/%62ye",
    "https://rp.example/x/../bye",
    "https://rp.example/bye%0d%0aLocation:%20https://evil.example",
    "https://rp.example@evil.example/bye",
    "https://evil.example/bye",
    "https://evil.example\\@rp.example/bye",
    "//rp.example/bye",
    "/bye",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://rp.example/bye",
    " https://rp.example/bye",
    "https://rp.example/bye\r\nSet-Cookie: a=b",
    "https://rp.example/bye\u2025",
]


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return provider.relying_party(post_logout_redirect_uris=[BACK], backchannel_logout_uri="https://rp.example/logout")


def ask(browser: Browser, **parameters: str) -> None:
    browser.get("/end-session?" + urlencode(parameters))


def session_count(provider: Provider) -> int:
    return provider.count_rows("browser_sessions")


@pytest.mark.parametrize("uri", TWISTED)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_no_address_but_the_registered_one_is_ever_gone_to(
    uri: str, is_signed_in: bool, provider: Provider, party: RelyingParty
) -> None:
    """Open redirect; R4."""
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    if not is_signed_in:
        browser.cookies.clear()
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=uri)
    assert_page(browser.last, 400)
    assert uri not in browser.html
    kept = browser.request("POST", "/end-session", data={"id_token_hint": hint, "post_logout_redirect_uri": uri})
    assert_page(kept, 400)
    assert session_count(provider) == 1


def test_another_clients_address_is_not_this_ones(provider: Provider, party: RelyingParty) -> None:
    other, browser = provider.relying_party(), provider.browser()
    hint = other.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert_page(browser.last, 400)
    ask(browser, id_token_hint=hint, client_id=party.client.client_id, post_logout_redirect_uri=BACK)
    assert_page(browser.last, 400)
    assert session_count(provider) == 1


def test_a_client_that_registered_itself_cannot_make_a_link_that_leads_to_it(
    provider: Provider, party: RelyingParty
) -> None:
    """R4: with a hint of its own, it still needs a click of whoever follows the link."""
    attackers = provider.browser()
    hint = party.sign_in(attackers)["id_token"]
    victim = provider.browser()
    ask(victim, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert_page(victim.last, 200)


def test_the_hint_of_another_session_signs_nobody_out(provider: Provider, party: RelyingParty) -> None:
    """CSRF logout: an attacker's own hint, in a victim's browser, leads to a question."""
    attackers, victim = provider.browser(), provider.browser()
    hint = party.sign_in(attackers, "taro")["id_token"]
    same_person_elsewhere = party.sign_in(provider.browser())["id_token"]
    party.sign_in(victim)
    for each in (hint, same_person_elsewhere):
        ask(victim, id_token_hint=each, post_logout_redirect_uri=BACK)
        assert_page(victim.last, 200)
        assert victim.form("/end-session/confirm")
    assert session_count(provider) == 3


def test_a_logout_of_one_browser_ends_no_other_session_of_the_person(provider: Provider, party: RelyingParty) -> None:
    one, other = provider.browser(), provider.browser()
    hint = party.sign_in(one)["id_token"]
    party.sign_in(other)
    ask(one, id_token_hint=hint)
    other.authorize(party.request(prompt="none"))
    assert "code" in party.answer(other.last)
    assert session_count(provider) == 1


@pytest.mark.parametrize("change", ["sub", "sid", "alg none", "other key", "cut", "junk"])
def test_a_forged_hint_is_refused_and_does_nothing(change: str, provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=forge(hint, change), post_logout_redirect_uri=BACK)
    assert_page(browser.last, 400)
    assert provider.log_lines()[-1]["error"] == "invalid_logout_request"
    assert session_count(provider) == 1


def forge(hint: str, change: str) -> str:
    header, payload, signature = hint.split(".")
    if change == "cut":
        return f"{header}.{payload}."
    if change == "junk":
        return "a.b.c"
    if change == "alg none":
        return f"{encode({'alg': 'none', 'typ': 'JWT', 'kid': decode(header)['kid']})}.{payload}."
    if change == "other key":
        return f"{header}.{payload}.{'A' * len(signature)}"
    return f"{header}.{encode(decode(payload) | {change: 'x'})}.{signature}"


def decode(part: str) -> dict[str, str]:
    read: dict[str, str] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def encode(members: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def test_a_logout_token_is_good_for_nothing_else(provider: Provider, party: RelyingParty) -> None:
    """RFC 8725 §3.11: not as a hint at logout, nor at sign-in, and it carries no nonce."""
    browser = provider.browser()
    party.sign_in(browser)
    ask(browser)
    browser.submit("/end-session/confirm", decision="sign_out")
    caller = Caller()
    deliver_logouts(sending(provider, caller))
    [(_, token)] = caller.calls
    assert "nonce" not in party.claims(token)
    party.sign_in(browser)
    ask(browser, id_token_hint=token)
    assert_page(browser.last, 400)
    browser.authorize(party.request(prompt="none", id_token_hint=token))
    assert party.answer(browser.last)["error"] == "invalid_request"
    assert session_count(provider) == 1


def test_an_id_token_is_no_answer_to_the_question(provider: Provider, party: RelyingParty) -> None:
    """CSRF on the form: no token, another browser's, an old one; nothing happens."""
    browser, attackers = provider.browser(), provider.browser()
    party.sign_in(browser)
    party.sign_in(attackers, "taro")
    ask(attackers, client_id=party.client.client_id, post_logout_redirect_uri=BACK)
    stolen = attackers.form("/end-session/confirm").fields | {"decision": "sign_out"}
    ask(browser, client_id=party.client.client_id, post_logout_redirect_uri=BACK)
    own = browser.form("/end-session/confirm").fields | {"decision": "sign_out"}
    for fields in (
        {"decision": "sign_out"},
        stolen,
        {**own, "csrf": stolen["csrf"]},
        {**own, "csrf": ""},
        {**own, "request": stolen["request"]},
        {**own, "request": own["request"][:-2] + "AA"},
        {**own, "request": ""},
    ):
        browser.post("/end-session/confirm", fields)
        assert_page(browser.last, 403)
    twice = browser.request("POST", "/end-session/confirm", data=urlencode([*own.items(), ("csrf", own["csrf"])]),
                            content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert_page(twice, 403)
    assert session_count(provider) == 2


def test_the_answer_is_good_once(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    party.sign_in(browser)
    ask(browser, client_id=party.client.client_id, post_logout_redirect_uri=BACK)
    form = browser.form("/end-session/confirm")
    fields = form.fields | {"decision": "sign_out"}
    browser.post(form.action, fields)
    party.sign_in(browser)
    browser.post(form.action, fields)
    assert_page(browser.last, 403)
    assert session_count(provider) == 1


@pytest.mark.parametrize("name", ["state", "id_token_hint", "client_id", "logout_hint", "post_logout_redirect_uri"])
def test_what_is_too_long_is_refused(name: str, provider: Provider) -> None:
    for length in (9_000, 20_000):
        browser = provider.browser()
        ask(browser, **{name: "x" * length})
        assert 400 <= browser.last.status_code < 500
        browser.post("/end-session", {name: "x" * length})
        assert 400 <= browser.last.status_code < 500


@pytest.mark.parametrize("query", ["state=%00", "state=%ff", "%", "client_id=rp&client_id=rp", "id_token_hint=%0a"])
def test_what_is_malformed_is_a_page(query: str, provider: Provider) -> None:
    browser = provider.browser()
    browser.get("/end-session?" + query)
    assert_page(browser.last, 400)


def test_a_state_cannot_leave_its_parameter(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=BACK, state="a&code=b#c\r\nSet-Cookie: d=e")
    location = browser.last.headers["Location"]
    assert location == BACK + "?state=a%26code%3Db%23c%0D%0ASet-Cookie%3A%20d%3De"


def test_a_head_request_signs_nobody_out(provider: Provider, party: RelyingParty) -> None:
    """A link preview that asks with HEAD has no effect."""
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    answer = browser.request("HEAD", "/end-session?" + urlencode({"id_token_hint": hint}))
    assert answer.status_code == 405
    assert session_count(provider) == 1


def test_a_hint_is_not_logged(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    hint = party.sign_in(browser)["id_token"]
    ask(browser, id_token_hint=hint[:-3], state="a-very-private-state")
    ask(browser, id_token_hint=hint, state="a-very-private-state")
    text = provider.log.getvalue()
    for secret in (hint, hint[:-3], hint.split(".")[1], "a-very-private-state"):
        assert secret not in text


def test_a_client_that_nobody_is_sent_to_is_named_all_the_same(provider: Provider) -> None:
    """A resource server alone has no redirect URI."""
    browser = provider.browser()
    provider.relying_party().sign_in(browser)
    api = provider.relying_party(protected_resources=["https://api.example/"], grant_types=[], redirect_uris=[])
    page = browser.get("/end-session?" + urlencode({"client_id": api.client.client_id}))
    assert page.status_code == 200
    assert api.client.client_id in browser.html


EVEN_MODULUS = {
    **rsa_key().as_dict(private=False),
    "use": "enc",
    "n": int_to_base64(rsa_key().public_key.public_numbers().n - 1),
}


def test_a_key_that_cannot_encrypt_keeps_nobody_elses_logout(provider: Provider) -> None:
    """One of 41 clients has such a key: the forty are told in the same run, and the operator hears of the one."""
    sound = EncryptionKey("RSA-OAEP-256")
    hostile = provider.relying_party(
        backchannel_logout_uri="https://hostile.example/logout",
        jwks={"keys": [sound.jwk]},
        id_token_encrypted_response_alg=sound.alg,
    )
    ordinary = [provider.relying_party(backchannel_logout_uri=f"https://rp.example/{n}") for n in range(40)]
    browser = provider.browser()
    for party in (hostile, *ordinary):
        party.sign_in(browser)
    poisoned = replace(hostile.client, jwks={"keys": [EVEN_MODULUS]})
    assert provider.parts.client_administration.replace_client(hostile.client, poisoned, provider.clock())
    browser.get("/sign-out")
    browser.submit("/sign-out")
    caller = Caller()
    assert deliver_logouts(sending(provider, caller)) == LogoutSent(delivered=40, failed=1)
    assert {url for url, _ in caller.calls} == {party.client.options.backchannel_logout_uri for party in ordinary}
    for _ in range(MOST_TRIES - 1):
        provider.clock.advance(7200)
        sent = deliver_logouts(sending(provider, caller))
    assert (sent, len(caller.calls)) == (LogoutSent(dead=1), 40)
    [dead] = provider.parts.durable.list_logout_deliveries(is_dead=True, limit=9)
    assert (dead.client_id, dead.outcome) == (hostile.client.client_id, "no_encryption_key")
    assert ("logout_undelivered", None, None, "no_encryption_key") in provider.audit_events()
