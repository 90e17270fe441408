"""One keep-alive HTTP/1.1 connection without waiting: bytes out, bytes in, an answer when it is whole.

Only what the servers measured here say is understood: an answer has a Content-Length, or chunks, or no body.
"""

import socket
from typing import Final

from bench.exchange import Answer, Call, WrongAnswer

_HEAD_END: Final = b"\r\n\r\n"
_READ_BYTES: Final = 65_536


class HttpConnection:
    """One user's connection; made anew where the server closed it between two requests."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._host = f"Host: {host}:{port}\r\n"
        self._socket = self._connect()
        self._buffer = b""
        self._last = b""

    def fileno(self) -> int:
        """For the selector."""
        return self._socket.fileno()

    def send(self, call: Call) -> None:
        """Send a request; it is small enough for the socket's buffer."""
        head = f"{call.method} {call.target} HTTP/1.1\r\n{self._host}"
        head += "".join(f"{name}: {value}\r\n" for name, value in call.headers)
        if call.method == "POST":
            head += f"Content-Length: {len(call.body)}\r\n"
        self._last = head.encode() + b"\r\n" + call.body
        self._buffer = b""
        self._socket.sendall(self._last)

    def receive(self) -> Answer | None:
        """What has come so far: the answer if it is whole.

        Raises: ConnectionError: the server closed the connection before it answered.
        """
        received = self._socket.recv(_READ_BYTES)
        if not received:
            raise ConnectionResetError
        self._buffer += received
        return _parse(self._buffer)

    def reconnect(self) -> None:
        """Connect again and repeat the last request: the server had closed the connection as idle."""
        self.close()
        self._socket = self._connect()
        self._buffer = b""
        self._socket.sendall(self._last)

    @property
    def has_begun(self) -> bool:
        """Whether a part of an answer has come."""
        return bool(self._buffer)

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(self._address, timeout=30)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected


def _parse(buffer: bytes) -> Answer | None:
    end = buffer.find(_HEAD_END)
    if end < 0:
        return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    pairs = (line.partition(":") for line in lines[1:])
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    rest = buffer[end + len(_HEAD_END) :]
    length = next((value for name, value in headers if name == "content-length"), None)
    if length is not None:
        return Answer(status, headers, rest) if len(rest) == int(length) else None
    if ("transfer-encoding", "chunked") in headers:
        return Answer(status, headers, _join_chunks(rest)) if rest.endswith(b"0\r\n\r\n") else None
    if status in (204, 304):
        return Answer(status, headers, b"")
    raise WrongAnswer(f"an answer of unknown length ({status})")


def _join_chunks(rest: bytes) -> bytes:
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return body
