"""One question to the configured responder: limits, no redirects, no host but that one."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ocsp import OCSP_LIMIT_BYTES
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.ocsp_exchange import HttpOcspExchange

URL = "http://ocsp.example/status"
OCSP = {"Content-Type": "application/ocsp-response"}


def answering(handler, total_seconds: float = 5.0) -> HttpOcspExchange:
    return HttpOcspExchange(URL, transport=httpx.MockTransport(handler), total_seconds=total_seconds)


def refusal_of(exchange: HttpOcspExchange) -> str:
    with pytest.raises(CardUnverifiable) as refusal:
        exchange.ask(b"request")
    assert refusal.value.reason is Unverifiable.STATUS_UNAVAILABLE
    return refusal.value.detail


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield bytes(1 << 10)


def test_the_request_is_posted_to_the_configured_address():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, str(request.url), request.headers["Content-Type"], request.read()))
        return httpx.Response(200, headers=OCSP, stream=httpx.ByteStream(b"answer"))

    exchange = answering(handler)
    assert (exchange.ask(b"one"), exchange.ask(b"two")) == (b"answer", b"answer")
    assert asked == [("POST", URL, "application/ocsp-request", body) for body in (b"one", b"two")]


@pytest.mark.parametrize("status", [204, 301, 302, 307, 401, 404, 500, 503])
def test_any_other_status_is_unavailable_and_no_redirect_is_followed(status: int):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={**OCSP, "Location": "http://169.254.169.254/"}, content=b"answer")

    refusal_of(answering(handler))
    assert asked == [URL]


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "text/html"}, {**OCSP, "Content-Encoding": "gzip"}], ids=["none", "html", "gzip"]
)
def test_what_is_no_plain_ocsp_response_is_unavailable(headers: dict[str, str]):
    refusal_of(answering(lambda request: httpx.Response(200, headers=headers, stream=Endless())))


def test_an_endless_answer_is_cut_off():
    assert "long" in refusal_of(answering(lambda request: httpx.Response(200, headers=OCSP, stream=Endless()), 60.0))
    assert OCSP_LIMIT_BYTES < 1 << 20


def test_a_slow_answer_is_cut_off():
    assert "took" in refusal_of(answering(lambda request: httpx.Response(200, headers=OCSP, stream=Endless()), -1.0))


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), OSError("x")]
)
def test_a_broken_connection_is_unavailable(fault: Exception):
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    refusal_of(answering(handler))


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n\r\n"]
)
def test_a_responder_that_answers_byte_by_byte_is_left_at_the_deadline(head: bytes):
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                connection.sendall(head)
                while not ended.wait(0.05):
                    connection.sendall(b"a")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        started = time.monotonic()
        try:
            refusal_of(HttpOcspExchange(f"http://127.0.0.1:{server.getsockname()[1]}/", total_seconds=0.5))
        finally:
            ended.set()
            thread.join(5)
        assert time.monotonic() - started < 5


def test_a_responder_that_fails_is_left_alone_for_a_while():
    asked = []
    status = [500]
    clock = [0.0]

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status[0], headers=OCSP, stream=httpx.ByteStream(b"answer"))

    breaker = CircuitBreaker(2, 20.0, lambda: clock[0])
    exchange = HttpOcspExchange(URL, transport=httpx.MockTransport(handler), breaker=breaker)
    for _ in range(4):
        refusal_of(exchange)
    assert len(asked) == 2
    clock[0], status[0] = 20.0, 200
    assert [exchange.ask(b"request") for _ in range(2)] == [b"answer", b"answer"]
    assert len(asked) == 4
