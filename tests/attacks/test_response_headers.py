"""The headers that every answer carries, good or bad, and the methods nobody asked for."""

import json

import pytest
from werkzeug.test import Client, TestResponse

from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PATHS = """
/ /authorize /authorize/posted/x /token /userinfo /revoke /jwks /login/x /login/x/cancel /login/x/consent
/login/x/new-browser /login/x/restart /card /card/open /card/proof /card/cancel /card/return/x /sandbox/x /sign-out
/livez /readyz /openapi.json /.well-known/openid-configuration /.well-known/oauth-authorization-server /nothing-here
/login /login/ /%00 /static/x // /../etc
""".split()  # noqa: SIM905 - a list of addresses reads better without quotation marks
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW")


def assert_safe(answer: TestResponse) -> None:
    for name, value in FIXED.items():
        assert answer.headers.getlist(name) == [value], name
    assert "Strict-Transport-Security" not in answer.headers  # loopback http
    if answer.mimetype == "text/html" and answer.get_data():
        policy = answer.headers["Content-Security-Policy"]
        for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'self'"):
            assert directive in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "<script" not in answer.get_data(as_text=True)
        assert "Traceback" not in answer.get_data(as_text=True)
    assert answer.status_code not in (301, 302, 307, 308)
    assert answer.status_code < 500
    assert "Server" not in answer.headers


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_to_every_method_is_safe(provider: Provider, method: str) -> None:
    """R21, R22."""
    client = Client(provider.app, use_cookies=False)
    for path in PATHS:
        answer = client.open(path, method=method)
        assert_safe(answer)
        if method == "HEAD":
            assert answer.get_data() == b""
        if method not in ("GET", "HEAD", "POST", "OPTIONS"):
            assert answer.status_code in (404, 405)


def test_every_answer_of_a_whole_sign_in_is_safe_and_every_redirect_a_303(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """R20, F24, F25."""
    browser = provider.browser()
    relying_party.sign_in(browser)
    browser.get("/sign-out")
    browser.submit("/sign-out")
    for method, path, answer in browser.seen:
        assert_safe(answer)
        assert answer.status_code in (200, 303), (method, path)
        if answer.status_code == 303:
            assert answer.headers["Cache-Control"] == "no-store"
        if method == "POST" and path != "/sign-out":
            assert answer.status_code == 303


def test_forms_may_end_at_the_proven_redirect_origin_and_nowhere_else(provider: Provider) -> None:
    """R4, F7."""
    party = provider.relying_party(redirect_uris=["https://rp.example:8443/cb?x=1"])
    browser = provider.browser()
    browser.authorize(party.request())
    assert_form_targets(browser.last, "form-action 'self' https://rp.example:8443")
    browser.use_sandbox_card()
    assert_form_targets(browser.last, "form-action 'self' https://rp.example:8443")
    browser.submit("/new-browser")
    assert_form_targets(browser.last, "form-action 'self' https://rp.example:8443")


def assert_form_targets(answer: TestResponse, directive: str) -> None:
    assert answer.headers["Content-Security-Policy"].split("; ")[-1] == directive


def test_a_page_without_a_proven_redirect_names_no_target(provider: Provider, relying_party: RelyingParty) -> None:
    refused = provider.browser().authorize(relying_party.request(redirect_uri="https://evil.example/"))
    assert_form_targets(refused, "form-action 'self'")


def test_every_answer_of_the_presenters_api_is_json_and_not_stored(presenter: PresenterDouble) -> None:
    answers = [presenter.open(), presenter.prove(), presenter.cancel(), presenter.call("open", b"x")]
    for answer in answers:
        assert_safe(answer)
        assert answer.mimetype == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert isinstance(json.loads(answer.get_data()), dict)


def test_tokens_are_not_stored_and_documents_are(provider: Provider, relying_party: RelyingParty) -> None:
    """RFC 6749 §5.1."""
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    answer = relying_party.redeem(relying_party.code(browser.agree()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    for path in ("/jwks", "/.well-known/openid-configuration"):
        assert browser.get(path).headers["Cache-Control"].startswith("public, max-age=")


def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    lines = [line for _, _, answer in browser.seen for line in answer.headers.getlist("Set-Cookie")]
    assert len(lines) >= 3
    for line in lines:
        attributes = {piece.strip().partition("=")[0] for piece in line.split(";")[1:]}
        assert {"HttpOnly", "SameSite", "Path", "Max-Age"} <= attributes
        assert "SameSite=Lax" in line
        assert "Domain" not in attributes
