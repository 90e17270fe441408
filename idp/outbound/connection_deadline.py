"""A deadline for a whole exchange: read time-outs begin anew with every byte, and a slow sender knows that."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

_CONNECTED: Final = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class ConnectionEnd:
    """Ends the connection it has seen being made; give ``saw_event`` to httpx as the extension ``trace``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.has_ended = False

    def saw_event(self, name: str, information: Mapping[str, Any]) -> None:
        """Note the socket of a new connection."""
        if name not in _CONNECTED:
            return
        with self._lock:
            self._socket = information["return_value"].get_extra_info("socket")
        if self.has_ended:
            self.end()

    def end(self) -> None:
        """Shut the connection, whoever reads from it."""
        self.has_ended = True
        with self._lock, suppress(OSError):
            if self._socket is not None:
                # The plain socket's own way: TLS's would wait for the other side to say goodbye.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextmanager
def ending_at(deadline: float, monotonic: Any = time.monotonic) -> Iterator[ConnectionEnd]:
    """Ends the connection made inside the block when the deadline comes."""
    end = ConnectionEnd()
    timer = threading.Timer(max(0.0, deadline - monotonic()), end.end)
    timer.daemon = True
    timer.start()
    try:
        yield end
    finally:
        timer.cancel()
