"""Calls to addresses that clients chose: who is called, how long, how much is read."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outbound.guarded_http import ANSWER_LIMIT_BYTES, FetchedDocument, FetchFailed, FetchRefused, GuardedHttp
from idp.outbound.network_guard import LOOPBACK_NETWORKS, AddressForbidden, GuardedBackend, is_callable
from tests.unit.outbound.test_operator_tls import issue

pytestmark = pytest.mark.enable_socket

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=x\r\n%sContent-Length: 2\r\n\r\n{}"
FORBIDDEN = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "not an address", "",
    "192.0.0.8", "fec0::1",
]  # fmt: skip


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def saying(data: bytes, asked: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        request = connection.recv(65536)
        if request.startswith(b"POST") and request.endswith(b"\r\n\r\n"):
            request += connection.recv(65536)
        if asked is not None:
            asked.append(request)
        connection.sendall(data)

    return answer


def local_http(total_seconds: float = 5.0) -> GuardedHttp:
    return GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, total_seconds=total_seconds)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_address_inside_a_network_is_callable(address: str) -> None:
    assert not is_callable(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_callable(address: str) -> None:
    assert is_callable(address)


@given(st.ip_addresses(v=4))
def test_an_allowed_network_opens_itself_and_nothing_else(address: IPv4Address) -> None:
    for written in (str(address), f"::ffff:{address}", str(IPv6Address((0x64FF9B << 96) + int(address)))):
        assert is_callable(written, LOOPBACK_NETWORKS) == (is_callable(written) or address.is_loopback)


def test_one_forbidden_address_among_several_is_enough() -> None:
    backend = GuardedBackend(resolver=lambda host, port: ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(AddressForbidden):
        backend.connect_tcp("rp.example", 443)


def test_a_name_is_asked_for_once_and_the_judged_address_is_called() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    http = GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, resolver=lambda host, port: next(answers))
    asked: list[bytes] = []
    with server(saying(ANSWER % b"", asked)) as port:
        http.get(f"http://rp.example:{port}/jwks", "application/json")
    assert f"Host: rp.example:{port}".encode() in asked[0]
    assert next(answers) == ["127.0.0.2"]


def test_no_name_is_a_failure_that_may_be_retried() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(FetchFailed):
        GuardedHttp(resolver=unknown).get("https://rp.example/jwks", "application/json")


@pytest.mark.parametrize(
    "url",
    [
        "http://rp.example/", "ftp://rp.example/", "file:///etc/passwd", "https://", "https:rp.example", "",
        "https://user@rp.example/", "https://rp.example:0/", "https://rp.example:99999/", "https://rp.example/#x",
        "https://[::1", "https://r\u00e9.example/", "gopher://rp.example/", "unix:///run/x",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_called(url: str) -> None:
    with pytest.raises(FetchRefused):
        GuardedHttp(resolver=lambda host, port: ["8.8.8.8"]).get(url, "application/json")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_this_machine_is_not_called_however_its_address_is_written(host: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)), server(lambda connection: pytest.fail("called")) as port:
        GuardedHttp(allow_http=True).get(f"http://{host}:{port}/", "application/json")


@pytest.mark.parametrize(
    ("header", "max_age"),
    [
        (b"", None),
        (b"Cache-Control: public, max-age=600\r\n", 600),
        (b"Cache-Control: no-store\r\n", 0),
        (b"Cache-Control: s-maxage=7\r\n", None),
    ],
)
def test_an_answer_is_read_with_its_type_and_age(header: bytes, max_age: int | None) -> None:
    with server(saying(ANSWER % header)) as port:
        got = local_http().get(f"http://127.0.0.1:{port}/", "application/json")
    assert got == FetchedDocument(b"{}", "application/json", max_age)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(ANSWER_LIMIT_BYTES + 1),
        b"",
    ],
)
def test_whatever_is_not_a_whole_short_answer_is_a_failure(answer: bytes) -> None:
    with server(saying(answer)) as port, pytest.raises(FetchFailed):
        local_http().get(f"http://127.0.0.1:{port}/", "application/json")


def test_a_slow_answer_ends_at_the_deadline() -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not stopped.wait(0.05):
                connection.sendall(b"x")
        except OSError:
            return

    stopped = threading.Event()
    with server(drip) as port, pytest.raises(FetchFailed):
        local_http(total_seconds=0.4).get(f"http://127.0.0.1:{port}/", "application/json")
    stopped.set()


def test_a_form_is_posted_and_only_the_status_is_read() -> None:
    asked: list[bytes] = []
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    with server(saying(answer, asked)) as port:
        assert local_http().post_form(f"http://127.0.0.1:{port}/logout?a=b", {"logout_token": "a b"}) == 204
    assert asked[0].startswith(b"POST /logout?a=b HTTP/1.1\r\n")
    assert asked[0].endswith(b"\r\n\r\nlogout_token=a+b")


def test_no_socket_of_the_machine_is_opened() -> None:
    with pytest.raises(AddressForbidden):
        GuardedBackend().connect_unix_socket("/run/postgresql")


def test_a_certificate_that_nobody_vouches_for_is_a_failure(tmp_path: Path) -> None:
    own = issue(tmp_path, "self")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.sendall(ANSWER % b"")

    with server(answer) as port, pytest.raises(FetchFailed):
        local_http().get(f"https://127.0.0.1:{port}/", "application/json")


def test_a_name_that_took_all_the_time_leaves_none_to_connect() -> None:
    backend = GuardedBackend(LOOPBACK_NETWORKS, lambda host, port: ["127.0.0.1"], time.monotonic() - 1)
    with server(lambda connection: pytest.fail("called")) as port, pytest.raises(httpcore.ConnectTimeout):
        backend.connect_tcp("rp.example", port)
