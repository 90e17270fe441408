"""mod_auth_openidc in Debian's Apache protects a page; it verifies the ID token itself and hands over its claims."""

import time
from pathlib import Path

import pytest

from tests.support.apache import running_apache
from tests.support.headless_person import finish
from tests.support.http_browser import HttpBrowser
from tests.support.running_provider import RunningProvider, free_port

pytestmark = [pytest.mark.interop, pytest.mark.journey]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_apache_shows_its_page_after_a_sign_in(provider: RunningProvider, tmp_path: Path, algorithm: str) -> None:
    port = free_port()
    client = provider.add_client(f"http://localhost:{port}/protected/callback", id_token_signed_response_alg=algorithm)
    with running_apache(tmp_path, port, provider.issuer, client, algorithm=algorithm) as origin:
        site, browser = HttpBrowser(origin), HttpBrowser(provider.issuer)
        begun = site.open("/protected/claims.shtml")
        assert begun.left_for is not None, begun.html
        returned = finish(browser, browser.open(begun.left_for))
        assert returned.left_for is not None
        shown = site.open(returned.left_for)

    assert shown.status == 200, (tmp_path / "error.log").read_text()
    claims = dict(line.partition(" ")[::2] for line in shown.html.splitlines())
    now = time.time()
    assert claims["iss"] == provider.issuer
    assert claims["aud"] == client.client_id
    assert len(claims["sub"]) >= 22
    assert int(claims["exp"]) > now
    assert abs(int(claims["iat"]) - now) < 60
    assert abs(int(claims["auth_time"]) - now) < 60
    assert len(claims["nonce"]) >= 16
    assert claims["acr"] == f"{provider.issuer}/acr/user-authentication"
    assert set(claims["amr"].split(",")) == {"sc", "pin"}


def test_apache_sends_nobody_in_without_a_sign_in(provider: RunningProvider, tmp_path: Path) -> None:
    port = free_port()
    client = provider.add_client(f"http://localhost:{port}/protected/callback")
    with running_apache(tmp_path, port, provider.issuer, client) as origin:
        site = HttpBrowser(origin)
        begun = site.open("/protected/claims.shtml")
        forged = site.open("/protected/callback?code=forged&state=forged")

    assert begun.left_for is not None
    assert begun.left_for.startswith(provider.issuer + "/authorize?")
    assert forged.status != 200 or "sub" not in forged.html
