"""What a browser's cookies say, and what it is given to keep."""

import base64
import os
from datetime import UTC, datetime

import pytest

from idp.identifiers import hash_secret, new_identifier
from idp.keys.sealing import Sealer
from idp.resources import find_resource_directory
from idp.signin.parts import KnownBrowser
from idp.signin.step import NewSession
from idp.web.cookies import KNOWN_ACCOUNTS, LANGUAGE, SESSION, CookieNames
from idp.web.http import Request
from idp.web.rendering import Renderer, SiteContext
from idp.web.site import Site, asked_language
from idp.web.static_file import load_icon, load_stylesheet

ISSUER = "https://login.example.jp"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
KEY = os.urandom(32)


@pytest.fixture(scope="module")
def site() -> Site:
    context = SiteContext(
        "市役所", "mailto:a@example.jp", "https://example.jp/p", "認証", False, ISSUER,
        load_stylesheet().path, load_icon().path,
    )  # fmt: skip
    return Site(
        renderer=Renderer(find_resource_directory("templates"), context),
        cookies=CookieNames(ISSUER),
        sealer=Sealer(KEY),
        clock=lambda: NOW,
        session_seconds=100,
        transaction_seconds=10,
        browser_limit=8,
    )


def request(method: str = "GET", query: str = "", **cookies: str) -> Request:
    names = CookieNames(ISSUER)
    header = "; ".join(f"{names.name(what)}={value}" for what, value in cookies.items())
    return Request(method, "/", query, {"cookie": header}, b"", "192.0.2.1")


def kept(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    pairs = (line.partition(";")[0].partition("=") for name, line in headers if name == "Set-Cookie")
    return {name.rpartition("-")[2]: value for name, _, value in pairs}


def test_a_session_and_its_account_are_remembered_and_read_again(site: Site) -> None:
    session = NewSession(new_identifier(), new_identifier())
    cookies = kept(site.remember_session(request(), session))
    browser = site.browser(request(**cookies))
    assert browser == KnownBrowser(hash_secret(session.secret), frozenset({session.account_id}))
    assert session.account_id not in cookies[KNOWN_ACCOUNTS]


def test_the_last_eight_accounts_are_known_each_once(site: Site) -> None:
    cookies: dict[str, str] = {}
    accounts = [new_identifier() for _ in range(10)]
    for account in (*accounts, accounts[-1]):
        cookies = kept(site.remember_session(request(**cookies), NewSession(new_identifier(), account)))
    assert site.browser(request(**cookies)).account_ids == frozenset(accounts[2:])


def test_without_a_new_session_nothing_is_set(site: Site) -> None:
    assert site.remember_session(request(), None) == ()


@pytest.mark.parametrize("value", ["", "x", "A" * 3000, "....", base64.urlsafe_b64encode(bytes(range(80))).decode()])
def test_known_accounts_that_we_did_not_seal_are_nobody(site: Site, value: str) -> None:
    assert site.browser(request(**{KNOWN_ACCOUNTS: value, SESSION: "not-an-identifier"})) == KnownBrowser()


def test_what_was_sealed_for_another_purpose_is_nobody(site: Site) -> None:
    sealed = Sealer(KEY).seal("another purpose", b"", b'["account"]')
    assert site.browser(request(**{KNOWN_ACCOUNTS: sealed})).account_ids == frozenset()


def test_a_language_chosen_on_a_page_wins_and_is_kept(site: Site) -> None:
    asked = request(query="lang=en", **{LANGUAGE: "ja"})
    assert site.language(asked, ("ja",)) == "en"
    answer = site.page(asked, "home.html", "en")
    assert kept(answer.headers) == {LANGUAGE: "en"}
    assert site.language(request(**{LANGUAGE: "en"}), ("ja",)) == "en"
    assert site.language(request(), ("en", "ja")) == "en"


@pytest.mark.parametrize(
    "query", ["lang=", "lang=xx", "lang", "Lang=en", "x=lang=en", "lang=%65n", "lang=" + "e" * 5000]
)
def test_a_language_we_do_not_have_is_not_asked_for(query: str) -> None:
    assert asked_language(request(query=query)) is None


def test_the_switch_is_offered_only_where_the_address_can_be_asked_again(site: Site) -> None:
    def has_switch(asked: Request) -> bool:
        return b"?lang=en" in site.page(asked, "home.html", "ja").body

    assert has_switch(request())
    assert has_switch(request(query="lang=ja"))
    assert not has_switch(request(query="state=secret"))
    assert not has_switch(request(method="POST"))
