"""The load generator reads whole answers only, however they arrive."""

import socket
from contextlib import closing

import pytest

from bench.exchange import Answer, Call, WrongAnswer
from bench.http_connection import HttpConnection

pytestmark = pytest.mark.enable_socket


def answers(*pieces: bytes) -> list[Answer | None]:
    """What a connection makes of bytes that arrive piece by piece."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        connection = HttpConnection("127.0.0.1", listener.getsockname()[1])
        with closing(connection), closing(listener.accept()[0]) as server:
            connection.send(Call("any", "POST", "/path?a=b", (("X-One", "1"),), b"body"))
            assert server.recv(4096).endswith(b"X-One: 1\r\nContent-Length: 4\r\n\r\nbody")
            received = []
            for piece in pieces:
                server.sendall(piece)
                received.append(connection.receive())
            return received


def test_an_answer_is_whole_when_its_length_has_come() -> None:
    head = b"HTTP/1.1 303 See Other\r\nLocation: /there\r\nContent-Length: 3\r\n\r\n"
    assert answers(head[:20], head[20:], b"ab", b"c") == [
        None, None, None, Answer(303, (("location", "/there"), ("content-length", "3")), b"abc"),
    ]  # fmt: skip


def test_chunks_are_joined() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    [*_, answer] = answers(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    assert answer is not None
    assert answer.body == b"abcde"


def test_an_answer_of_unknown_length_stops_the_run() -> None:
    with pytest.raises(WrongAnswer):
        answers(b"HTTP/1.1 200 OK\r\n\r\n")


def test_a_closed_connection_is_told_from_an_answer() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        connection = HttpConnection("127.0.0.1", listener.getsockname()[1])
        with closing(connection):
            listener.accept()[0].close()
            with pytest.raises(ConnectionError):
                connection.receive()
            assert not connection.has_begun
