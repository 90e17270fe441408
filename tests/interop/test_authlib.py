"""Authlib's Flask client in the example's few lines: the relying party that the README shows."""

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from examples.relying_party import create_relying_party
from tests.support.headless_person import Agent, finish
from tests.support.http_browser import HttpBrowser
from tests.support.running_provider import RunningProvider, free_port

pytestmark = [pytest.mark.interop, pytest.mark.journey]


@pytest.fixture
def relying_party(provider: RunningProvider) -> Iterator[str]:
    """The example on another name of this machine, so that the two sites do not share their cookies."""
    port = free_port()
    client = provider.add_client(f"http://localhost:{port}/callback", name="図書館の予約サイト（見本）")
    assert client.client_secret is not None
    server = make_server(
        "127.0.0.1", port, create_relying_party(provider.issuer, client.client_id, client.client_secret)
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_authlib_signs_in_with_the_desktop_agent(provider: RunningProvider, relying_party: str, tmp_path: Path) -> None:
    site, browser = HttpBrowser(relying_party), HttpBrowser(provider.issuer)
    begun = site.open("/login")
    assert begun.left_for is not None

    with provider.card_of("taro") as card:
        agent = Agent(tmp_path, provider.issuer, card)
        returned = finish(browser, browser.open(begun.left_for), agent)
    assert returned.left_for is not None
    shown = site.open(returned.left_for)

    found = re.search(r'<pre id="id-token">(.*?)</pre>', shown.html, re.DOTALL)
    assert found, shown.html
    claims = json.loads(html.unescape(found[1]))
    now = time.time()
    assert claims["iss"] == provider.issuer
    assert claims["acr"] == f"{provider.issuer}/acr/user-authentication"
    assert set(claims["amr"]) == {"sc", "pin"}
    assert claims["exp"] > now
    assert abs(claims["iat"] - now) < 60
    assert abs(claims["auth_time"] - now) < 60
    assert claims["nonce"]
    assert claims["aud"]
    assert claims["sub"]
    assert claims["sandbox"] is True
