"""A developer registers a client by hand, in a sandbox, without JavaScript."""

import html
import json
import re
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

PATH = "/sandbox/register"


def register(browser: Browser, **fields: str) -> Browser:
    browser.get(PATH)
    browser.submit(PATH, **{"client_name": "図書館", "redirect_uri": "http://localhost:9000/cb", **fields})
    return browser


def configuration(browser: Browser) -> dict[str, Any]:
    found = re.search(r"<pre>(.*?)</pre>", browser.html, re.DOTALL)
    assert found is not None, browser.html
    members: dict[str, Any] = json.loads(html.unescape(found[1]))
    return members


def test_what_is_copied_from_the_page_signs_a_person_in(provider: Provider) -> None:
    made = configuration(register(provider.browser()))
    client = provider.parts.clients.find_client(made["client_id"])
    assert client is not None
    assert not client.is_reviewed
    party = RelyingParty(provider.app, made["issuer"], client, made["client_secret"])
    assert party.sign_in(provider.browser())["id_token"]


def test_the_secret_is_shown_once_and_never_kept_by_a_cache(provider: Provider) -> None:
    browser = register(provider.browser())
    secret = configuration(browser)["client_secret"]
    assert browser.last.headers["Cache-Control"] == "no-store"
    browser.get(PATH)
    assert secret not in browser.html
    assert secret not in provider.log.getvalue()


@pytest.mark.parametrize(
    "fields",
    [{"redirect_uri": "http://far.example/cb"}, {"redirect_uri": "javascript:alert(1)"}, {"client_name": "a\u202eb"}],
)
def test_what_is_wrong_is_said_and_nothing_is_registered(provider: Provider, fields: dict[str, str]) -> None:
    browser = register(provider.browser(), **fields)
    assert browser.last.status_code == 400
    assert 'role="alert"' in browser.html
    assert provider.count_rows("clients") == 0


def test_a_form_of_another_site_registers_nothing(provider: Provider) -> None:
    browser = provider.browser()
    for csrf in ("", "x" * 43):
        browser.get(PATH)
        browser.submit(PATH, client_name="x", redirect_uri="http://localhost:9000/cb", csrf=csrf)
        assert browser.last.status_code == 403
    stranger = provider.browser()
    stranger.post(PATH, {"client_name": "x", "redirect_uri": "http://localhost:9000/cb"})
    assert stranger.last.status_code == 403
    assert provider.count_rows("clients") == 0


def test_there_is_no_page_where_not_everybody_may_register(provider: Provider) -> None:
    for mode in ("token", "off"):
        strict = provider.restart(IDP_REGISTRATION__MODE=mode)
        browser = strict.browser()
        browser.get(PATH)
        assert "redirect_uri" not in browser.html
        strict.close()
