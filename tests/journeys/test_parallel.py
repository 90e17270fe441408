"""Fifty at once, on a server of several processes and threads, on both databases: one success, and no more."""

import base64
import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from idp.sandbox.installation import prepare_sandbox
from tests.support.headless_person import BackChannel, Request, finish, sign_in
from tests.support.http_browser import HttpBrowser, new_http_client
from tests.support.postgresql import running_postgresql
from tests.support.presenter_double import FORMAT, base64url, sign, signed_bytes
from tests.support.running_provider import RegisteredClient, RunningProvider, running_sandbox

pytestmark = [pytest.mark.journey, pytest.mark.slow]

AT_ONCE = 50
REDIRECT_URI = "http://localhost:9334/callback"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def provider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prototype: Path
) -> Iterator[RunningProvider]:
    directory = tmp_path_factory.mktemp("parallel") / "idp"
    web = {"workers": 3, "threads": 4}
    if request.param == "sqlite":
        with running_sandbox(directory, prototype, web=web) as running:
            yield running
        return
    with (
        running_postgresql() as server,
        running_sandbox(directory, prototype, database=server.create_database(), web=web) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def client(provider: RunningProvider) -> RegisteredClient:
    return provider.add_client(REDIRECT_URI)


def post_at_once(send: list[httpx.Request]) -> list[httpx.Response]:
    """Send all requests from as many threads at one moment."""
    barrier = Barrier(len(send))

    def run(request: httpx.Request) -> httpx.Response:
        with new_http_client() as http:
            barrier.wait()
            return http.send(request)

    with ThreadPoolExecutor(len(send)) as pool:
        return list(pool.map(run, send))


def test_fifty_redemptions_of_one_code_give_one_success_and_dead_tokens(
    provider: RunningProvider, client: RegisteredClient
) -> None:
    request = Request(client, {"scope": "openid offline_access", "prompt": "consent"})
    page = sign_in(HttpBrowser(provider.issuer), request)
    form = {
        "grant_type": "authorization_code",
        "code": page.answer["code"],
        "redirect_uri": client.redirect_uri,
        "code_verifier": request.verifier,
    }
    credentials = base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"}
    one = httpx.Request("POST", f"{provider.issuer}/token", data=form, headers=headers)

    answers = post_at_once([one] * AT_ONCE)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    (tokens,) = [answer.json() for answer in answers if answer.status_code == 200]
    back_channel = BackChannel(provider.issuer)
    assert back_channel.userinfo(tokens["access_token"]).status_code == 401
    renewed = back_channel.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed.json()["error"] == "invalid_grant"


def make_proof(provider: RunningProvider, handle: str, person: str) -> httpx.Request:
    """Open the transaction and sign; the request that brings the proof."""
    _, cards = prepare_sandbox(provider.directory / "sandbox", datetime.now(UTC))
    card, secret = cards[person].user_authentication, secrets.token_bytes(32)
    headers = {"Authorization": f"Handle {handle}", "Content-Type": "application/json"}
    opening = {"format": FORMAT, "commitment": base64url(hashlib.sha256(secret).digest())}
    with new_http_client() as http:
        opened = http.post(f"{provider.issuer}/card/open", content=json.dumps(opening).encode(), headers=headers).json()
    algorithm, signature = sign(card, signed_bytes(provider.issuer, opened["nonce"], opened["transaction"]))
    proof = {
        "format": FORMAT,
        "secret": base64url(secret),
        "unverified_certificate": base64.b64encode(card.certificate_der).decode(),
        "algorithm": algorithm,
        "signature": base64url(signature),
        "presenter": "test/1",
    }
    return httpx.Request("POST", f"{provider.issuer}/card/proof", content=json.dumps(proof).encode(), headers=headers)


def test_fifty_posts_of_one_proof_give_one_result(provider: RunningProvider, client: RegisteredClient) -> None:
    """One result: whoever repeats the very same proof is told the same address again, and no other exists."""
    browser, request = HttpBrowser(provider.issuer), Request(client, {"prompt": "consent"})
    page = browser.open(request.path)
    one = make_proof(provider, page.card_link.rpartition(".")[2], "hanako")

    answers = post_at_once([one] * AT_ONCE)

    statuses = Counter(answer.status_code for answer in answers)
    # 409: the one that was first is still being checked.
    assert set(statuses) <= {200, 409}, statuses
    addresses = {answer.json()["return_url"] for answer in answers if answer.status_code == 200}
    assert len(addresses) == 1, statuses
    page = finish(browser, browser.open(addresses.pop()))
    assert BackChannel(provider.issuer).redeem(request, page.answer["code"]).status_code == 200
