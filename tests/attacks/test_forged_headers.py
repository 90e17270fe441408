"""What a request claims of itself: Host, X-Forwarded-*, and line breaks wherever they fit."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import ISSUER, Provider, make_provider
from tests.support.relying_party import RelyingParty


def test_no_answer_depends_on_the_host_header(
    provider: Provider, relying_party: RelyingParty, browser: Browser, presenter: PresenterDouble
) -> None:
    metadata = browser.get("/.well-known/openid-configuration").get_data()
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    client = Client(provider.app, use_cookies=False)
    for path in ("/", "/.well-known/openid-configuration", "/authorize", "/login/x",
                 "//evil.example/authorize", "/login//x", "/card/return//x", "/sign-out/", "/login/x/"):  # fmt: skip
        answer = client.get(path, base_url="http://evil.example", headers=forged)
        assert "evil.example" not in str(answer.headers)
        assert answer.status_code not in (301, 302, 307, 308)
        if not path.startswith("//"):
            assert "evil.example" not in answer.get_data(as_text=True)
    assert client.get("/.well-known/openid-configuration", headers=forged).get_data() == metadata
    presenter.open()
    answer = presenter.call("proof", json.dumps(presenter.proof()).encode(), **forged)
    assert answer.get_json()["return_url"].startswith(ISSUER + "/card/return/")


@pytest.mark.parametrize("host", ["", "a b", 'x"y', "<script>", "[::1", "a" * 300, "evil.example:99999", "\x7f"])
def test_a_broken_host_header_gets_an_answer_and_no_traceback(provider: Provider, host: str) -> None:
    answer = Client(provider.app, use_cookies=False).get("/", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code in (200, 400, 404)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_a_forwarded_address_is_not_believed_without_a_trusted_proxy(tmp_path: Path) -> None:
    """R25."""
    provider = make_provider(tmp_path, IDP_LIMITS__PAGE_PER_MINUTE="8")
    try:
        client = Client(provider.app, use_cookies=False)
        statuses = [
            client.get("/", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code for number in range(12)
        ]
        assert statuses == [200] * 8 + [429] * 4
    finally:
        provider.close()


def test_a_trusted_proxy_is_believed_for_the_address_it_wrote_only(tmp_path: Path) -> None:
    """R25."""
    provider = make_provider(tmp_path, IDP_LIMITS__PAGE_PER_MINUTE="8", IDP_WEB__TRUSTED_PROXIES='["127.0.0.1/32"]')
    try:
        client = Client(provider.app, use_cookies=False)

        def ask(told: str) -> int:
            headers = {"X-Forwarded-For": told}
            return client.get("/", headers=headers, environ_overrides={"REMOTE_ADDR": "127.0.0.1"}).status_code

        # Whatever the client wrote stands left of what the proxy added.
        assert [ask(f"192.0.2.{number}, 198.51.100.7") for number in range(10)] == [200] * 8 + [429] * 2
        assert ask("198.51.100.8") == 200
        assert ask("garbage, \x00, 198.51.100.7") == 429
    finally:
        provider.close()


LINE_BREAKS = ["\r\nSet-Cookie: planted=1", "\nLocation: https://evil.example", "\r", "%0d%0aX: y", "\u2028", "\x85"]


def test_line_breaks_in_parameters_never_reach_a_header(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    for breaks in LINE_BREAKS:
        for name in ("state", "nonce", "login_hint", "ui_locales", "scope", "prompt", "x"):
            answer = browser.authorize(relying_party.request(**{name: "a" + breaks}))
            for header, value in answer.headers:
                assert "\n" not in value, header
                assert "\r" not in value, header
            assert "planted" not in browser.cookies
            assert answer.status_code in (200, 303, 400)


def test_line_breaks_in_paths_never_reach_a_header(provider: Provider) -> None:
    browser = provider.browser()
    paths = (
        "/login/{}",
        "/login/{}/consent",
        "/login/{}/{}",
        "/card/return/{}",
        "/authorize/posted/{}",
        "/{}",
        "/card/{}",
    )
    for breaks in (*LINE_BREAKS, "\x00", "é", "..", "../..", "\\evil.example", "a" * 5000):
        for path in paths:
            answer = browser.get(path.replace("{}", quote(breaks, safe="")))
            assert answer.status_code in (303, 400, 403, 404, 405, 410, 414), (path, breaks)
            assert "planted" not in browser.cookies
            assert "evil.example" not in answer.headers.get("Location", "")


def test_oversized_headers_are_refused(provider: Provider) -> None:
    browser = provider.browser()
    for headers in ({"Cookie": "a=" + "b" * 20_000}, {"Accept-Language": "ja," * 8000}, {"X-Anything": "x" * 17_000}):
        answer = browser.request("GET", "/", headers=headers)
        assert answer.status_code in (413, 431)
