"""SIGKILL at each step of a sign-in, and a restart on the same directories.

What was committed stays, nothing is used twice, and the person goes on by a reload.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.headless_person import Agent, BackChannel, Request, check_id_token, finish, sign_in
from tests.support.http_browser import HttpBrowser, Page
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.journey, pytest.mark.slow]

REDIRECT_URI = "http://localhost:9333/callback"
CONSENT = {"prompt": "consent", "scope": "openid offline_access"}


@pytest.fixture(scope="module")
def client(provider: RunningProvider) -> RegisteredClient:
    return provider.add_client(REDIRECT_URI)


@pytest.fixture(scope="module")
def agent(provider: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with provider.card_of("hanako") as card:
        yield Agent(tmp_path_factory.mktemp("agent"), provider.issuer, card)


@pytest.fixture
def browser(provider: RunningProvider) -> HttpBrowser:
    return HttpBrowser(provider.issuer)


def check_redeems_once(provider: RunningProvider, request: Request, page: Page) -> dict[str, str]:
    """Establish that the code is good for one redemption, restarts between; what it got."""
    back_channel = BackChannel(provider.issuer)
    first = back_channel.redeem(request, page.answer["code"])
    assert first.status_code == 200, first.text
    claims = back_channel.claims(first.json()["id_token"])
    check_id_token(
        claims, issuer=provider.issuer, client_id=request.client.client_id, nonce=request.nonce, now=time.time()
    )
    provider.restart_after_kill()
    tokens: dict[str, str] = first.json()
    assert back_channel.userinfo(tokens["access_token"]).json()["sub"] == claims["sub"]
    assert back_channel.redeem(request, page.answer["code"]).json()["error"] == "invalid_grant"
    # And the reuse has ended what the first redemption got.
    assert back_channel.userinfo(tokens["access_token"]).status_code == 401
    return tokens


def test_killed_after_the_authorization_request(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    request = Request(client, CONSENT)
    page = browser.open(request.path)
    provider.restart_after_kill()

    check_redeems_once(provider, request, finish(browser, browser.open(page.address), agent))


def test_killed_between_opening_and_proof(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent, tmp_path: Path
) -> None:
    """The person reads the agent's window, the server dies and comes back, the person types the PIN."""
    request = Request(client, CONSENT)
    page = browser.open(request.path)
    with agent.start(page.card_link) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        said = ""
        while page_is_read(said) is False:
            part = process.stderr.readline()
            assert part, f"the agent ended early: {said}"
            said += part
        provider.restart_after_kill()
        out, err = process.communicate("1234\n", timeout=60)
    assert process.returncode == 0, err

    check_redeems_once(provider, request, finish(browser, browser.open(out.strip())))


def page_is_read(said: str) -> bool:
    # Its last line before the PIN: how many tries the card has left.
    return "  | 3\n" in said


def test_killed_while_the_proof_is_under_way(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    """The agent does not know whether the proof arrived; whichever it was, the person is led on by the page."""
    request = Request(client, CONSENT)
    page = browser.open(request.path)
    with agent.start(page.card_link) as process:
        assert process.stdin is not None
        process.stdin.write("1234\n")
        process.stdin.flush()
        time.sleep(0.6)
        provider.restart_after_kill()
        out, _ = process.communicate(timeout=60)
    page = browser.open(out.strip() if process.returncode == 0 else page.address)

    for _ in range(2):
        if page.has_form("/restart"):
            page = browser.submit(page, "/restart")
    check_redeems_once(provider, request, finish(browser, page, agent))


def test_killed_before_the_result_comes_home(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    request = Request(client, CONSENT)
    page = browser.open(request.path)
    return_url = agent.return_url(page.card_link)
    provider.restart_after_kill()

    check_redeems_once(provider, request, finish(browser, browser.open(return_url)))


def test_killed_after_the_result_came_home(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    request = Request(client, CONSENT)
    page = browser.open(request.path)
    page = browser.open(agent.return_url(page.card_link))
    assert page.has_form("/new-browser")
    provider.restart_after_kill()

    page = browser.open(page.address)
    assert page.has_form("/new-browser")
    page = browser.submit(page, "/new-browser")
    provider.restart_after_kill()

    page = browser.open(page.address)
    assert page.has_form("/consent")
    check_redeems_once(provider, request, finish(browser, page))


def test_killed_between_the_code_and_its_redemption(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    request = Request(client, CONSENT)
    page = sign_in(browser, request, agent)
    provider.restart_after_kill()

    check_redeems_once(provider, request, page)


def test_session_consent_and_refresh_token_outlive_kills(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    request = Request(client, CONSENT)
    page = sign_in(browser, request, agent)
    back_channel = BackChannel(provider.issuer)
    tokens = back_channel.redeem(request, page.answer["code"]).json()
    provider.restart_after_kill()

    renewed = back_channel.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed.status_code == 200, renewed.text
    silent = Request(client, {"prompt": "none", "scope": "openid offline_access"})
    again = browser.open(silent.path)
    assert again.left_for is not None
    assert "code" in again.answer, again.left_for
    answer = back_channel.redeem(silent, again.answer["code"]).json()
    assert back_channel.claims(answer["id_token"])["sub"] == back_channel.claims(tokens["id_token"])["sub"]


def test_workers_killed_under_load_leave_nothing_half_done(
    provider: RunningProvider, client: RegisteredClient, browser: HttpBrowser, agent: Agent
) -> None:
    """Redemptions run while the server is killed again and again: no code ever gets two answers."""
    sign_in(browser, Request(client), agent)
    back_channel = BackChannel(provider.issuer)
    for _ in range(4):
        request = Request(client, {"prompt": "none"})
        page = browser.open(request.path)
        script = _REDEEM.format(provider=provider, client=client, request=request, code=page.answer["code"])
        racer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        time.sleep(0.15)
        provider.kill()
        provider.start()
        out, _ = racer.communicate(timeout=60)
        later = back_channel.redeem(request, page.answer["code"])
        answers = [*out.split(), str(later.status_code)]
        assert answers.count("200") <= 1, answers
        # Either it was never redeemed and still can be, or it was, and the client heard so or the answer was lost.
        assert later.status_code in (200, 400)


_REDEEM = """
import httpx
form = dict(grant_type="authorization_code", code="{code}", redirect_uri="{client.redirect_uri}",
            code_verifier="{request.verifier}")
with httpx.Client(auth=("{client.client_id}", "{client.client_secret}"), timeout=5, trust_env=False) as http:
    for _ in range(40):
        try:
            print(http.post("{provider.issuer}/token", data=form).status_code, flush=True)
        except httpx.TransportError:
            break
"""
