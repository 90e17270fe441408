"""wapiti finds nothing in headers, cookies and policies, over https as shipped, in both environments."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from idp.sandbox.pki import IssuedCertificate
from tests.support.headless_person import Request
from tests.support.http_browser import HttpBrowser, Page, new_http_client
from tests.support.nginx import TlsFiles, make_tls_files, running_nginx
from tests.support.presenter_double import FORMAT, base64url, sign, signed_bytes
from tests.support.production import make_authority, production_installation
from tests.support.running_provider import RegisteredClient, RunningProvider, free_port, running_sandbox
from tests.support.wapiti import HEADERS, Report, Target, scan

pytestmark = [pytest.mark.interop, pytest.mark.journey, pytest.mark.slow]

SIGNED_IN = ("/account", "/account/sign-out", "/account/delete", "/account/attach", "/sign-out")


class Installation:
    """A provider behind nginx, and a person of it with a browser for each occasion."""

    def __init__(self, provider: RunningProvider, tls: TlsFiles, card: IssuedCertificate | None) -> None:
        self.provider = provider
        self._tls = tls
        self._card = card
        self.client: RegisteredClient = provider.add_client("https://client.example/callback")

    def browser(self) -> HttpBrowser:
        return HttpBrowser(self.provider.issuer, tls=self._tls.client_context())

    def http(self) -> httpx.Client:
        return new_http_client(self._tls.client_context())

    def begin(self, browser: HttpBrowser, **parameters: str) -> Page:
        """The page that asks for the card."""
        return browser.open(Request(self.client, parameters).path)

    def return_address(self, browser: HttpBrowser, page: Page) -> str:
        """Where the browser is to go after the card, which sets what a sign-in sets."""
        if self._card is None:
            shown = browser.open(page.sandbox_link)
            form = {**shown.form(page.sandbox_link).hidden, "person": "hanako", "outcome": "ok"}
            with self.http() as http:
                answer = http.post(self.provider.issuer + page.sandbox_link, data=form, headers=cookie_header(browser))
            return str(answer.headers["Location"])
        return self._present(page.card_link.rpartition(".")[2], self._card)

    def _present(self, handle: str, card: IssuedCertificate) -> str:
        secret = secrets.token_bytes(32)
        issuer, headers = self.provider.issuer, {"Authorization": f"Handle {handle}"}
        with self.http() as http:

            def call(what: str, **members: str) -> dict[str, Any]:
                answer = http.post(f"{issuer}/card/{what}", json={"format": FORMAT, **members}, headers=headers)
                assert answer.status_code == 200, answer.text
                return dict(answer.json())

            opened = call("open", commitment=base64url(hashlib.sha256(secret).digest()))
            algorithm, signature = sign(card, signed_bytes(issuer, opened["nonce"], opened["transaction"]))
            proven = call(
                "proof",
                secret=base64url(secret),
                unverified_certificate=base64.b64encode(card.certificate_der).decode(),
                algorithm=algorithm,
                signature=base64url(signature),
                presenter="double/1",
            )
        return str(proven["return_url"])


def cookie_header(browser: HttpBrowser) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return make_tls_files(tmp_path_factory.mktemp("tls") / "files")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, prototype: Path, tls: TlsFiles) -> Iterator[Installation]:
    port = free_port()
    directory = tmp_path_factory.mktemp("sandbox") / "idp"
    web = {"trusted_proxies": ["127.0.0.1/32"]}
    with (
        running_sandbox(directory, prototype, issuer=f"https://localhost:{port}", web=web) as running,
        running_nginx(tls, port, running.port),
    ):
        yield Installation(running, tls, None)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, tls: TlsFiles) -> Iterator[Installation]:
    port = free_port()
    authority = make_authority(tmp_path_factory.mktemp("authority") / "pki")
    directory = tmp_path_factory.mktemp("production") / "idp"
    with production_installation(directory, authority, f"https://localhost:{port}") as installed:
        installed.start()
        with running_nginx(tls, port, installed.port):
            yield Installation(installed, tls, authority.cast_card.user_authentication)


@pytest.fixture(params=["sandbox", "production"])
def installation(request: pytest.FixtureRequest) -> Installation:
    found: Installation = request.getfixturevalue(request.param)
    return found


def every_address(installation: Installation) -> list[Target]:
    """Each GET of the description; where a path has a variable, what answers to somebody who guesses."""
    with installation.http() as http:
        described = http.get(f"{installation.provider.issuer}/openapi.json").json()
    targets = []
    for path, item in described["paths"].items():
        if "get" in item:
            is_page = "text/html" in json.dumps(item["get"]["responses"].get("200", {}))
            address = installation.provider.issuer + re.sub(r"\{\w+\}", "x", path)
            targets.append(Target(address) if is_page else Target(address, HEADERS))
    return targets


def pages_of_a_sign_in(installation: Installation) -> list[Target]:
    """Where a person is on the way through a sign-in and after it, each in a browser that has got so far."""
    issuer = installation.provider.issuer
    arriving = Target(issuer + Request(installation.client).path)
    waiting = installation.browser()
    page = installation.begin(waiting)
    targets = [arriving, at(page.address, waiting)]
    if "/sandbox/" in page.html:
        targets.append(at(issuer + page.sandbox_link, waiting))
    person = installation.browser()
    page = person.open(installation.return_address(person, installation.begin(person)))
    targets.append(at(page.address, person))
    agreeing = installation.browser()
    page = agreeing.submit(
        agreeing.open(installation.return_address(agreeing, installation.begin(agreeing))), "/new-browser"
    )
    targets.append(at(page.address, agreeing))
    # Who has agreed before is sent on by this one address, which sets and deletes whatever a sign-in does.
    known = installation.browser()
    page = known.submit(known.open(installation.return_address(known, installation.begin(known))), "/new-browser")
    assert known.submit(page, "/consent", decision="allow").left_for is not None
    targets.append(at(installation.return_address(known, installation.begin(known, prompt="login")), known))
    targets += [at(issuer + path, agreeing) for path in SIGNED_IN]
    return targets


def at(address: str, browser: HttpBrowser) -> Target:
    return Target(address, cookies=tuple(browser.cookies.items()))


def check_all_looked_at(reports: list[Report]) -> None:
    missed = [report.target.url for report in reports if report.looked_at != report.target.modules]
    assert missed == []


def test_wapiti_finds_nothing_at_any_address(installation: Installation, tmp_path: Path) -> None:
    targets = every_address(installation)
    assert {"/", "/card", "/account", "/sign-out", "/authorize", "/jwks", "/login/x"} <= {
        target.url.removeprefix(installation.provider.issuer) for target in targets
    }
    reports = scan(tmp_path / "scan", targets)

    check_all_looked_at(reports)
    assert [(report.target.url, report.findings) for report in reports if report.findings] == []


def test_wapiti_finds_nothing_on_the_pages_and_cookies_of_a_sign_in(installation: Installation, tmp_path: Path) -> None:
    """Each cookie that there is has been set under wapiti's eyes."""
    targets = [*pages_of_a_sign_in(installation), Target(f"{installation.provider.issuer}/?lang=en")]
    reports = scan(tmp_path / "scan", targets)

    check_all_looked_at(reports)
    assert [(report.target.url, report.findings) for report in reports if report.findings] == []
    seen = {re.sub(r"-tx-.*", "-tx", name) for report in reports for name in report.cookies}
    assert seen == {f"__Host-idp-{what}" for what in ("tx", "session", "known", "language", "ended")}


COMPLETE = {
    "Content-Type": "text/html",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Set-Cookie": "__Host-idp-session=x; Path=/; Secure; HttpOnly",
}


@pytest.fixture
def careless_site(tls: TlsFiles) -> Iterator[Callable[..., str]]:
    """Makes addresses of an https site that answers with the headers it is given."""
    headers: dict[str, dict[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in headers.get(self.path, {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A page</title>")

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.server_context().wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()

    def add(**changes: str | None) -> str:
        path = f"/{len(headers)}"
        changed = {name.replace("_", "-"): value for name, value in changes.items()}
        headers[path] = {name: value for name, value in (COMPLETE | changed).items() if value is not None}
        return f"https://localhost:{server.server_port}{path}"

    yield add
    server.shutdown()
    thread.join()
    server.server_close()


def test_wapiti_finds_each_header_that_is_missing_and_each_careless_cookie(
    careless_site: Callable[..., str], tmp_path: Path
) -> None:
    """The control of the tests above: a page with all of it passes, and a page without any one of them does not."""
    pages = {
        careless_site(): None,
        careless_site(Strict_Transport_Security=None): "HTTP Strict Transport Security",
        careless_site(X_Frame_Options=None): "Clickjacking",
        careless_site(X_Content_Type_Options="sniff"): "MIME Type Confusion",
        careless_site(Content_Security_Policy=None): "Content Security Policy",
        careless_site(Content_Security_Policy="default-src *"): "Content Security Policy",
        careless_site(Set_Cookie="session=x; Path=/; HttpOnly"): "Secure Flag",
        careless_site(Set_Cookie="session=x; Path=/; Secure"): "HttpOnly Flag",
    }
    reports = scan(tmp_path / "scan", [Target(url) for url in pages])

    check_all_looked_at(reports)
    for report in reports:
        expected = pages[report.target.url]
        assert bool(report.findings) is (expected is not None), report.target.url
        assert all(finding.startswith(str(expected)) for finding in report.findings)
