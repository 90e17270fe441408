"""The name in an address that a person judges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.presenter.redirect_host import UnjudgeableRedirect, is_judgeable_redirect_uri, parse_redirect_host


@pytest.mark.parametrize(
    ("redirect_uri", "host"),
    [
        ("https://library.example.jp/callback", "library.example.jp"),
        ("https://LIBRARY.example.jp:8443/cb?x=%E3%81%82", "library.example.jp"),
        ("https://xn--eckwd4c7c.xn--zckzah/", "xn--eckwd4c7c.xn--zckzah"),
        ("http://127.0.0.1:8001/callback", "127.0.0.1"),
        ("http://[::1]:8001/callback", "[::1]"),
        ("jp.example.app:/callback", "jp.example.app:"),
        ("bank.example.jp:/callback", "bank.example.jp:"),
    ],
)
def test_the_host_or_an_apps_scheme(redirect_uri: str, host: str) -> None:
    assert parse_redirect_host(redirect_uri) == host


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "",
        "/callback",
        "https:",
        "https:/callback",
        "https:///callback",
        "https://bank.example.jp@evil.example/",
        "https://bank.example.jp\\@evil.example/",
        "https://a.example/#x",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a%2eexample/",
        "https://[::1/",
        "https://-a.example/",
        "https://例え.テスト/",
        "https://a.example/\n",
        "https://a.example/" + "a" * 1983,
    ],
)
def test_what_shows_nobody_where_it_leads_is_refused(redirect_uri: str) -> None:
    assert not is_judgeable_redirect_uri(redirect_uri)


@given(st.text(max_size=60).map(lambda rest: f"https://{rest}") | st.text(max_size=60))
def test_whatever_comes_only_our_own_error_comes_out(redirect_uri: str) -> None:
    try:
        host = parse_redirect_host(redirect_uri)
    except UnjudgeableRedirect:
        return
    assert host.isascii()
    assert host == host.lower()
