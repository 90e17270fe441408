"""The provider behind Debian's nginx with the shipped file: TLS, addresses, limits, ambiguous requests."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate

from idp.oidc.client_certificate import PresentedCertificate, certificate_thumbprint
from tests.support.client_tls import ec_key, make_certificate, thumbprint_of
from tests.support.headless_person import Agent, BackChannel, Request, check_id_token, sign_in
from tests.support.http_browser import HttpBrowser, new_http_client
from tests.support.nginx import TlsFiles, make_tls_files, running_nginx
from tests.support.running_provider import RunningProvider, free_port, running_sandbox

pytestmark = [pytest.mark.interop, pytest.mark.journey]

# Each wants a second request to be seen inside or behind a first one; none may reach the application as a request.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED_BODY = b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"
PROBES = {
    "length and chunked": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked and length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + CHUNKED_BODY,
    "two lengths": b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "two lengths, short first": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "a signed length": b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "a length with a space before the colon": b"Content-Length : 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED)
    + SMUGGLED,
    "chunked with a space before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: %d\r\n\r\n"
    % len(b"0\r\n\r\n" + SMUGGLED)
    + b"0\r\n\r\n"
    + SMUGGLED,
    "an unknown coding": b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a folded coding": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "a chunk size too large": b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + SMUGGLED,
    "a chunk size with a prefix": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + SMUGGLED,
    "a header after a bare carriage return": b"X-One: a\rContent-Length: 0\r\nContent-Length: %d\r\n\r\n"
    % len(SMUGGLED)
    + SMUGGLED,
    "a header with a null": b"X-One: a\x00b\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
}
SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "Proxy": "http://evil.example",
    "X_Forwarded_For": "203.0.113.9",
    "X-SSL-Client-Cert": "forged",
    "X-SSL-Client-Verify": "SUCCESS",
    "X-SSL-Client-S-DN": "CN=forged",
    "X-Client-Cert": "forged",
    "X-Forwarded-Client-Cert": "forged",
    "X-Forwarded-Tls-Client-Cert": "forged",
    "SSL-Client-Cert": "forged",
    "Client-Cert": "forged",
    "Client-Cert-Chain": "forged",
}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return make_tls_files(tmp_path_factory.mktemp("tls") / "files")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, prototype: Path, tls: TlsFiles) -> Iterator[RunningProvider]:
    port = free_port()
    directory = tmp_path_factory.mktemp("nginx") / "idp"
    web = {"trusted_proxies": ["127.0.0.1/32"]}
    limits = {"userinfo_per_minute": 16}
    with (
        running_sandbox(directory, prototype, issuer=f"https://localhost:{port}", web=web, limits=limits) as running,
        running_nginx(tls, port, running.port),
    ):
        yield running


@pytest.fixture
def https(tls: TlsFiles) -> httpx.Client:
    return new_http_client(tls.client_context())


def test_whole_sign_in_through_tls(provider: RunningProvider, tls: TlsFiles, https: httpx.Client) -> None:
    client = provider.add_client("https://client.example/callback")
    browser, request = HttpBrowser(provider.issuer, tls=tls.client_context()), Request(client)

    page = sign_in(browser, request)
    back_channel = BackChannel(provider.issuer, https)
    response = back_channel.redeem(request, page.answer["code"])

    claims = back_channel.claims(response.json()["id_token"])
    check_id_token(
        claims, issuer=provider.issuer, client_id=client.client_id, nonce=request.nonce, now=claims["iat"] + 1
    )


def test_agent_signs_in_through_tls(
    provider: RunningProvider, tls: TlsFiles, tmp_path: Path, agent_of: Callable[..., str]
) -> None:
    client = provider.add_client("https://client.example/callback")
    browser, request = HttpBrowser(provider.issuer, tls=tls.client_context()), Request(client)
    page = browser.open(request.path)

    page = browser.open(agent_of(page.card_link, "hanako"))

    assert page.has_form("/new-browser") or page.has_form("/consent")


@pytest.fixture
def agent_of(provider: RunningProvider, tls: TlsFiles, tmp_path: Path) -> Callable[..., str]:
    def run(link: str, person: str) -> str:
        with provider.card_of(person) as card:
            environ = {"SSL_CERT_FILE": str(tls.certificate)}
            return Agent(tmp_path, provider.issuer, card, environ).return_url(link)

    return run


def test_cookies_are_bound_to_host_and_tls(provider: RunningProvider, https: httpx.Client) -> None:
    client = provider.add_client("https://client.example/callback")

    answer = https.get(provider.issuer + Request(client).path)

    (cookie,) = answer.headers.get_list("Set-Cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert not [attribute for attribute in attributes if attribute.startswith("Domain")]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/jwks", "/" + "x" * 9000])
def test_every_answer_says_once_that_the_host_is_https_only(
    provider: RunningProvider, https: httpx.Client, path: str
) -> None:
    """F31."""
    (policy,) = https.get(provider.issuer + path).headers.get_list("Strict-Transport-Security")
    assert policy == "max-age=63072000; includeSubDomains"


def test_another_host_name_gets_no_answer(provider: RunningProvider, tls: TlsFiles) -> None:
    context = tls.client_context()
    with (
        socket.create_connection(("127.0.0.1", int(provider.issuer.rpartition(":")[2]))) as plain,
        pytest.raises(OSError, match="UNRECOGNIZED_NAME"),
        context.wrap_socket(plain, server_hostname="evil.example"),
    ):
        pass


def test_addresses_that_a_client_claims_do_not_help_against_the_limit(provider: RunningProvider, tls: TlsFiles) -> None:
    https = new_http_client(tls.client_context())
    statuses = []
    # Two windows at the most fall into this; each allows 16.
    for number in range(40):
        spoofed = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        statuses.append(https.get(f"{provider.issuer}/userinfo", headers=spoofed))
    refused = [answer for answer in statuses if answer.status_code == 429]
    assert refused
    assert 0 < int(refused[-1].headers["Retry-After"]) <= 60

    other = httpx.Client(transport=httpx.HTTPTransport(verify=tls.client_context(), local_address="127.0.0.2"))
    with closing(other):
        assert other.get(f"{provider.issuer}/userinfo").status_code == 401


def test_provider_without_a_proxy_believes_no_forwarded_address(tmp_path: Path, prototype: Path) -> None:
    with running_sandbox(tmp_path / "idp", prototype, limits={"userinfo_per_minute": 16}) as provider:
        http = new_http_client()
        answers = [
            http.get(f"{provider.issuer}/userinfo", headers={"X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(40)
        ]
    assert 429 in [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("headers", "body", "statuses"),
    [
        ({"X-Long": "x" * 40_000}, b"", (400, 431)),
        ({f"X-Many-{number}": "x" * 4000 for number in range(12)}, b"", (400, 431)),
        ({}, b"x" * 70_000, (413,)),
    ],
)
def test_oversized_requests_are_refused(
    provider: RunningProvider, https: httpx.Client, headers: dict[str, str], body: bytes, statuses: tuple[int, ...]
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    through_proxy = https.post(f"{provider.issuer}/token", content=body, headers={**form, **headers})
    directly = new_http_client().post(f"{provider.address}/token", content=body, headers={**form, **headers})

    for answer in (through_proxy, directly):
        assert answer.status_code in statuses
        assert "Traceback" not in answer.text


def send_raw(stream: socket.socket, request: bytes) -> bytes:
    stream.settimeout(3)
    answer = b""
    try:
        stream.sendall(request)
        while part := stream.recv(65536):
            answer += part
    except OSError:
        pass
    return answer


def routes_seen(provider: RunningProvider) -> list[str]:
    return [str(line.get("route")) for line in provider.log_lines()]


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
@pytest.mark.parametrize("way", ["proxy", "direct"])
def test_no_request_hides_in_another(provider: RunningProvider, tls: TlsFiles, probe: bytes, way: str) -> None:
    request = b"POST /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + FORM + probe
    if way == "proxy":
        port = int(provider.issuer.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as plain:
            stream = tls.client_context().wrap_socket(plain, server_hostname="localhost")
            with stream:
                answer = send_raw(stream, request)
    else:
        with socket.create_connection(("127.0.0.1", provider.port)) as stream:
            answer = send_raw(stream, request)

    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert "/smuggled" not in routes_seen(provider)


def test_a_request_for_that_address_would_have_been_seen(tmp_path: Path, provider: RunningProvider) -> None:
    """The control of the test above."""
    new_http_client().get(f"{provider.address}/control")

    assert "/control" in routes_seen(provider)


def test_bare_line_feeds_make_one_request_of_one(provider: RunningProvider, tls: TlsFiles) -> None:
    port = int(provider.issuer.rpartition(":")[2])
    head = b"POST /token HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: %d\n\n" % len(SMUGGLED)
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        tls.client_context().wrap_socket(plain, server_hostname="localhost") as stream,
    ):
        answer = send_raw(stream, head + SMUGGLED)

    assert answer.count(b"HTTP/1.1 ") <= 1
    assert "/smuggled" not in routes_seen(provider)


@pytest.fixture
def echo_port() -> Iterator[int]:
    """An upstream that answers with the headers it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(self.headers.items()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_a_client_claims_of_itself_is_replaced_or_dropped(tls: TlsFiles, echo_port: int) -> None:
    """R25."""
    port = free_port()
    with running_nginx(tls, port, echo_port):
        seen = new_http_client(tls.client_context()).get(f"https://localhost:{port}/", headers=SPOOFED).json()

    by_name = [(name.lower(), value) for name, value in seen]
    assert [value for name, value in by_name if name == "x-forwarded-for"] == ["127.0.0.1"]
    assert [value for name, value in by_name if name == "x-forwarded-proto"] == ["https"]
    left = {name.lower() for name in SPOOFED} - {"x-forwarded-for", "x-forwarded-proto"}
    assert not [name for name, _ in by_name if name in left]
    assert not [value for _, value in by_name if value in ("forged", "203.0.113.9", "http://evil.example")]


def ask_for_echo(tls: TlsFiles, port: int, *, sni: str, host: str, certificate: Path | None) -> dict[str, str]:
    """The headers that arrive behind the proxy, the last of a name; forged ones are sent along."""
    context = tls.client_context()
    if certificate is not None:
        context.load_cert_chain(certificate)
    forged = "".join(f"{name}: {value}\r\n" for name, value in SPOOFED.items())
    head = f"GET /userinfo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{forged}\r\n"
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname=sni) as stream,
    ):
        answer = send_raw(stream, head.encode())
    status, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in status.partition(b"\r\n")[0]:
        return {}
    items = [(name.lower(), value) for name, value in json.loads(body)]
    assert len({name for name, _ in items}) == len(items)
    return dict(items)


@pytest.fixture
def client_certificate(tmp_path: Path) -> Path:
    """A certificate that signs itself, with its key, as a client holds them."""
    file = tmp_path / "client.pem"
    key = ec_key("self").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # nginx looks at the dates by this machine's clock.
    certificate = make_certificate("self", begin=datetime.now(UTC) - timedelta(hours=1))
    file.write_bytes(key + certificate.public_bytes(Encoding.PEM))
    return file


def test_r25_the_proxy_hands_over_the_certificate_that_tls_has_proven_and_no_other(
    tls: TlsFiles, echo_port: int, client_certificate: Path
) -> None:
    """RFC 9440 §2.4, RFC 8705 §6.2; what the shipped file sends is what the provider reads."""
    port = free_port()
    certificate = load_pem_x509_certificate(client_certificate.read_bytes())
    with running_nginx(tls, port, echo_port):
        proven = ask_for_echo(tls, port, sni="mtls.localhost", host="mtls.localhost", certificate=client_certificate)
        without = ask_for_echo(tls, port, sni="mtls.localhost", host="mtls.localhost", certificate=None)
        elsewhere = ask_for_echo(tls, port, sni="localhost", host="localhost", certificate=client_certificate)
        crossed = ask_for_echo(tls, port, sni="localhost", host="mtls.localhost", certificate=client_certificate)
        other_way = ask_for_echo(tls, port, sni="mtls.localhost", host="localhost", certificate=client_certificate)
    assert certificate_thumbprint(PresentedCertificate(proven["client-cert"])) == thumbprint_of(certificate)
    assert proven["x-forwarded-for"] == "127.0.0.1"
    for seen in (without, elsewhere, crossed, other_way):
        assert "client-cert" not in seen
