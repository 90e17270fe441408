"""Who may read a client's journal in a sandbox: whoever has its secret or token, and nobody who tries otherwise."""

import base64
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient

from idp.jobs import write_journal
from tests.attacks.refusals import assert_page
from tests.support.browser import Browser
from tests.support.provider import ISSUER, Provider, make_provider

PATH = "/sandbox/requests"
COOKIE = "idp-requests"


def register(provider: Provider, **changed: Any) -> dict[str, Any]:
    metadata = {"client_name": "My shop", "redirect_uris": ["http://localhost:9000/cb"], **changed}
    answer = HttpClient(provider.app).post("/register", base_url=ISSUER, json=metadata)
    assert answer.status_code == 201, answer.get_data()
    made: dict[str, Any] = answer.get_json()
    return made


def try_to_prove(browser: Browser, client_id: str, credential: str) -> Browser:
    browser.get(PATH)
    browser.submit(PATH, client_id=client_id, credential=credential)
    return browser


def is_refused(browser: Browser) -> bool:
    return browser.last.status_code == 403 and 'role="alert"' in browser.html and not browser.cookies.get(COOKIE)


def test_no_client_is_proven_by_what_is_not_its_own(provider: Provider) -> None:
    victim, thief = register(provider), register(provider)
    public = register(provider, token_endpoint_auth_method="none")
    operators = provider.relying_party()
    assert operators.secret is not None
    tries = [
        (victim["client_id"], thief["client_secret"]),
        (victim["client_id"], thief["registration_access_token"]),
        (victim["client_id"], ""),
        (victim["client_id"], "A" * 43),
        (victim["client_id"], victim["client_id"]),
        (victim["client_id"] + "x", victim["client_secret"]),
        (public["client_id"], ""),
        (public["client_id"], victim["registration_access_token"]),
        # The operator's own clients are the operator's to look at.
        (operators.client.client_id, operators.secret),
        ("", ""),
        ("é" * 64, "é"),
    ]
    refusals = set()
    for client_id, credential in tries:
        browser = try_to_prove(provider.browser(), client_id, credential)
        assert is_refused(browser), (client_id, credential)
        refusals.add(browser.html.partition('role="alert"')[2].partition("</div>")[0])
    assert len(refusals) == 1, "every reason reads alike"
    for no_text in ("\x00", "x" * 10_000):
        browser = try_to_prove(provider.browser(), no_text, no_text)
        assert_page(browser.last, 403)
        assert COOKIE not in browser.cookies
    log = provider.log.getvalue()
    for value in (victim["client_secret"], thief["client_secret"], victim["registration_access_token"]):
        assert value not in log


def test_a_secret_that_was_changed_ends_what_was_proven_by_it(provider: Provider) -> None:
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["client_secret"])
    assert made["client_id"] in browser.html
    assert provider.parts.client_administration.replace_secret_hash(made["client_id"], b"n" * 32, provider.clock())
    assert made["client_id"] not in browser.get(PATH).get_data(as_text=True)


def test_a_client_that_is_gone_shows_nothing(provider: Provider) -> None:
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["registration_access_token"])
    provider.parts.client_administration.delete_client(made["client_id"], provider.clock())
    assert made["client_id"] not in browser.get(PATH).get_data(as_text=True)


@pytest.mark.parametrize("address", [PATH, PATH + "/leave"])
def test_a_form_of_another_site_does_nothing(provider: Provider, address: str) -> None:
    """Nobody is made to read somebody else's journal (login CSRF), or to leave their own."""
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["client_secret"])
    stranger = provider.browser()
    stranger.get(PATH)
    fields = {"client_id": made["client_id"], "credential": made["client_secret"]}
    kept = browser.cookies[COOKIE]
    own = browser.form("/leave").fields["csrf"]
    for csrf in ({}, {"csrf": ""}, {"csrf": stranger.form(PATH).fields["csrf"]}, {"csrf": own[:-1]}):
        assert_page(browser.request("POST", address, data=fields | csrf), 403)
    assert_page(browser.request("POST", f"{address}?csrf={own}", data=fields), 403)
    assert_page(browser.request("POST", address, data=f"csrf={own}&csrf={own}"), 403)
    assert_page(browser.request("POST", address, json=fields | {"csrf": own}), 403)
    assert browser.cookies[COOKIE] == kept
    bare = provider.browser()
    assert_page(bare.request("POST", address, data=fields | {"csrf": own}), 403)
    assert COOKIE not in bare.cookies


def test_no_secret_in_an_address_proves_anything(provider: Provider) -> None:
    made = register(provider)
    browser = provider.browser()
    for name in ("credential", "client_secret", "token", "registration_access_token"):
        browser.get(f"{PATH}?client_id={made['client_id']}&{name}={made['client_secret']}")
        assert COOKIE not in browser.cookies
        assert "My shop" not in browser.html
    token = {"Authorization": f"Bearer {made['registration_access_token']}"}
    assert "My shop" not in browser.get(PATH, headers=token).get_data(as_text=True)


def test_only_what_was_sealed_here_for_this_page_is_a_proof(provider: Provider) -> None:
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["client_secret"])
    good = browser.cookies[COOKIE]
    sealer = provider.parts.sealer
    plain = sealer.unseal("sandbox-requests", b"", good)
    flipped = good[:40] + ("A" if good[40] != "A" else "B") + good[41:]
    unsealed = base64.urlsafe_b64encode(plain).decode().rstrip("=")
    elsewhere = sealer.seal("known-accounts", b"", plain)
    for value in (flipped, unsealed, plain.decode(), "", "A" * 43, "A" * 5000, elsewhere):
        browser.cookies = {COOKIE: value}
        assert "My shop" not in browser.get(PATH).get_data(as_text=True)
        assert browser.last.status_code == 200


def test_a_cookie_that_somebody_planted_beside_ours_proves_nothing(provider: Provider) -> None:
    mine, planted = register(provider), register(provider, client_name="Planted")
    browser = try_to_prove(provider.browser(), mine["client_id"], mine["client_secret"])
    other = try_to_prove(provider.browser(), planted["client_id"], planted["client_secret"])
    pairs = [f"{COOKIE}={each.cookies[COOKIE]}" for each in (browser, other)]
    for ordered in (pairs, pairs[::-1]):
        page = browser.get(PATH, headers={"Cookie": "; ".join(ordered)}).get_data(as_text=True)
        assert mine["client_id"] not in page
        assert planted["client_id"] not in page


def test_the_proof_is_a_cookie_of_this_host_alone_and_holds_no_secret(provider: Provider) -> None:
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["client_secret"])
    ((_, _, answer),) = [seen for seen in browser.seen if seen[0] == "POST"]
    (header,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE)]
    assert header.endswith("; Max-Age=1800; Path=/; HttpOnly; SameSite=Lax")
    assert answer.status_code == 303
    assert made["client_secret"] not in header
    assert made["client_id"] not in header


def test_the_pages_cannot_be_framed_and_run_nothing(provider: Provider) -> None:
    made = register(provider)
    browser = try_to_prove(provider.browser(), made["client_id"], made["client_secret"])
    for path in (PATH, "/sandbox/errors"):
        headers = browser.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_what_a_stranger_writes_into_a_journal_stays_text_of_a_length(provider: Provider) -> None:
    """Anybody can name a client at /authorize; what they write is shown to its developer."""
    made = register(provider)
    hostile = "<script>alert(1)</script>\u202e" + "x" * 900
    browser = provider.browser()
    for name in ("prompt", "scope", "response_type", "resource", "response_mode", hostile[:30]):
        request = {"client_id": made["client_id"], "redirect_uri": "http://localhost:9000/cb", name: hostile}
        browser.authorize(request)
    write_journal(provider.parts)
    page = try_to_prove(provider.browser(), made["client_id"], made["client_secret"]).html
    assert page.count("<li") > 5
    assert "<script" not in page
    assert "\u202e" not in page
    assert "x" * 400 not in page


def test_guessing_is_counted(provider: Provider, tmp_path: Any) -> None:
    limited = make_provider(tmp_path / "limited", IDP_LIMITS__REGISTRATION_PER_MINUTE="3")
    try:
        browser = limited.browser()
        statuses = [try_to_prove(browser, "x", "y").last.status_code for _ in range(6)]
        assert statuses[0] == 403
        assert statuses[-1] == 429
    finally:
        limited.close()
