"""Production, as an operator sets it up: an imported authority, a list from a file, TLS in front, a card in a reader.

The authority is made for this run and carries no mark of the sandbox; production takes it by its listed fingerprint,
as it takes any other, so nothing is switched off here.
"""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from idp.sandbox.cast import ANOTHER
from tests.support.headless_person import Agent, BackChannel, Request, check_id_token, finish, sign_in
from tests.support.http_browser import HttpBrowser, new_http_client
from tests.support.nginx import TlsFiles, make_tls_files, running_nginx
from tests.support.pcscd import RunningPcscd, running_pcscd
from tests.support.production import Authority, make_authority, production_installation
from tests.support.running_provider import RunningProvider, free_port

pytestmark = [pytest.mark.journey, pytest.mark.pcsc, pytest.mark.interop, pytest.mark.serial]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return make_tls_files(tmp_path_factory.mktemp("tls") / "files")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority") / "pki")


@pytest.fixture(scope="module")
def provider(
    tmp_path_factory: pytest.TempPathFactory, tls: TlsFiles, authority: Authority
) -> Iterator[RunningProvider]:
    port = free_port()
    directory = tmp_path_factory.mktemp("production") / "idp"
    with production_installation(directory, authority, f"https://localhost:{port}") as installed:
        installed.start()
        with running_nginx(tls, port, installed.port):
            yield installed


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPcscd]:
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


@pytest.fixture
def agent(
    provider: RunningProvider, pcscd: RunningPcscd, authority: Authority, tls: TlsFiles, tmp_path: Path
) -> Iterator[Agent]:
    card = pcscd.insert(authority.new_card())
    yield Agent(tmp_path, provider.issuer, "pcsc", pcscd.environment | {"SSL_CERT_FILE": str(tls.certificate)})
    card.close()
    pcscd.wait_until_empty()


@pytest.fixture
def browser(provider: RunningProvider, tls: TlsFiles) -> HttpBrowser:
    return HttpBrowser(provider.issuer, tls=tls.client_context())


@pytest.fixture
def https(tls: TlsFiles) -> httpx.Client:
    return new_http_client(tls.client_context())


def test_person_signs_in_with_a_card_in_a_reader(
    provider: RunningProvider, agent: Agent, browser: HttpBrowser, https: httpx.Client
) -> None:
    client = provider.add_client("https://client.example/callback")
    request = Request(client)

    page = sign_in(browser, request, agent)

    back_channel = BackChannel(provider.issuer, https)
    claims = back_channel.claims(back_channel.redeem(request, page.answer["code"]).json()["id_token"])
    check_id_token(
        claims, issuer=provider.issuer, client_id=client.client_id, nonce=request.nonce, now=claims["iat"] + 1
    )
    assert "sandbox" not in claims


def test_two_clients_of_one_sector_see_one_sub_and_others_another(
    provider: RunningProvider, agent: Agent, browser: HttpBrowser, https: httpx.Client
) -> None:
    hosts = ("https://one.example/a", "https://one.example/b", "https://two.example/a")
    back_channel = BackChannel(provider.issuer, https)
    subs = []
    for redirect_uri in hosts:
        request = Request(provider.add_client(redirect_uri))
        code = finish(browser, browser.open(request.path), agent).answer["code"]
        subs.append(back_channel.claims(back_channel.redeem(request, code).json()["id_token"])["sub"])

    assert subs[0] == subs[1] != subs[2]


def test_doctor_finds_nothing_wrong(provider: RunningProvider, https: httpx.Client) -> None:
    findings = provider.idp("doctor")

    assert [finding for finding in findings if finding["state"] != "ok"] == []
    assert https.get(f"{provider.issuer}/readyz").status_code == 200


def test_nothing_of_the_sandbox_is_there(provider: RunningProvider, browser: HttpBrowser, https: httpx.Client) -> None:
    client = provider.add_client("https://client.example/callback")
    page = browser.open(Request(client).path)
    tx = page.address.rpartition("/")[2]

    assert "/sandbox/" not in page.html
    assert page.html.count("サンドボックス") == 0
    for answer in (browser.open(f"/sandbox/{tx}"), browser.open(f"/sandbox/{tx}", {"person": "hanako"})):
        assert answer.status == 404
    for path in ("/sandbox/register", "/sandbox/requests", "/sandbox/requests/leave", "/sandbox/errors"):
        assert [browser.open(path).status, browser.open(path, {"client_id": "x"}).status] == [404, 404], path
    assert "/sandbox/" not in browser.open("/").html
    assert "sandbox" not in https.get(f"{provider.issuer}/.well-known/openid-configuration").text


def test_no_process_of_the_server_imports_the_sandbox(provider: RunningProvider, browser: HttpBrowser) -> None:
    browser.open("/")
    imported = re.findall(r"\| +(idp\.[\w.]+)$", provider.log.read_text(), re.MULTILINE)

    # The first two by the master, the other by a worker.
    assert {"idp.cli.session", "idp.jobs", "idp.web.routes"} <= set(imported)
    assert [name for name in imported if "sandbox" in name and name != "idp.settings.sandbox_default"] == []


def test_simulated_card_is_refused_by_the_agent(
    provider: RunningProvider, browser: HttpBrowser, tls: TlsFiles, tmp_path: Path
) -> None:
    client = provider.add_client("https://client.example/callback")
    page = browser.open(Request(client).path)

    done = Agent(
        tmp_path, provider.issuer, f"socket:127.0.0.1:{free_port()}", {"SSL_CERT_FILE": str(tls.certificate)}
    ).open(page.card_link)

    assert done.returncode == 32, done.stderr


def test_agent_does_not_speak_with_a_server_that_cannot_prove_itself(
    provider: RunningProvider, browser: HttpBrowser, pcscd: RunningPcscd, tmp_path: Path
) -> None:
    client = provider.add_client("https://client.example/callback")
    page = browser.open(Request(client).path)

    done = Agent(tmp_path, provider.issuer, "pcsc", pcscd.environment).open(page.card_link)

    assert done.returncode == 44, done.stderr


@pytest.fixture
def lost(authority: Authority) -> Authority:
    """Another person's card, which this person will lose."""
    return authority.issue(ANOTHER)


@pytest.fixture
def lost_card(
    provider: RunningProvider, pcscd: RunningPcscd, lost: Authority, tls: TlsFiles, tmp_path: Path
) -> Iterator[Agent]:
    card = pcscd.insert(lost.new_card())
    yield Agent(tmp_path, provider.issuer, "pcsc", pcscd.environment | {"SSL_CERT_FILE": str(tls.certificate)})
    card.close()
    pcscd.wait_until_empty()


def test_card_on_the_next_list_is_refused_and_its_sessions_end(
    provider: RunningProvider, lost_card: Agent, lost: Authority, browser: HttpBrowser, https: httpx.Client
) -> None:
    client = provider.add_client("https://client.example/callback")
    request = Request(client, {"scope": "openid offline_access", "prompt": "consent"})
    page = sign_in(browser, request, lost_card)
    back_channel = BackChannel(provider.issuer, https)
    tokens = back_channel.redeem(request, page.answer["code"]).json()

    now = datetime.now(UTC)
    lost.pki.revoke(lost.cast_card.user_authentication, now)
    lost.pki.publish_crls(now)
    provider.idp("job", "revocation-refresh")

    # A worker looks every ten seconds whether the list was replaced.
    deadline = time.monotonic() + 30
    while True:
        begun = browser.open(Request(client, {"prompt": "login"}).path)
        refused = lost_card.open(begun.card_link)
        if refused.returncode != 0 or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert refused.returncode == 40, refused.stderr
    assert "revoked" in refused.stderr
    assert browser.open(begun.address).has_form("/restart")
    # A revocation found anywhere ends the credential with its sessions, grants and tokens.
    assert back_channel.userinfo(tokens["access_token"]).status_code == 401
    renewed = back_channel.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed.json()["error"] == "invalid_grant"
    silent = browser.open(Request(client, {"prompt": "none"}).path)
    assert silent.answer["error"] == "login_required"
