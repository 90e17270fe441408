"""The card at a loopback port, for a presenter on a machine without PC/SC.

Socket card framing: the client connects to 127.0.0.1:port. Each message both ways: 2-byte big-endian length, then that
many bytes. Client to card, length 1 is a control byte: 00 power off, 01 power on, 02 reset (these three are not
answered), 04 ATR (answered by the ATR). Any other message is a command APDU, answered by a response APDU. The card is
in the reader while the connection lasts, and one connection is served at a time; the next waits.

Nothing guards this port but loopback: whoever runs a program on the machine can use the card, as with a card left in a
reader. It holds test keys and nothing else.
"""

import contextlib
import ipaddress
import socket
import threading
from typing import Final

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.message_stream import serve_messages

_IDLE_LIMIT_SECONDS: Final = 300.0
_FAREWELL_SECONDS: Final = 5.0
_LOOK_UP_SECONDS: Final = 0.5  # Where shutting a listener down does not wake accept(), as on macOS.


class SocketCard:
    """A card being served at a loopback port, ``port``, until ``close()``."""

    def __init__(self, card: JpkiCard, listener: socket.socket, delay_seconds: float) -> None:
        self.port: int = listener.getsockname()[1]
        self._card = card
        self._listener = listener
        listener.settimeout(_LOOK_UP_SECONDS)
        self._delay_seconds = delay_seconds
        self._ended = threading.Event()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="socket card", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the card away: no further connection, the present one is cut. May be repeated."""
        self._ended.set()
        for open_socket in (self._listener, self._connection):
            if open_socket is not None:
                with contextlib.suppress(OSError):  # Closed already by the other side, or never connected.
                    open_socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(_FAREWELL_SECONDS)
        self._listener.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return  # close() cut the listener.
            self._connection = connection
            if self._ended.is_set():
                connection.close()  # close() ran before it could see this connection.
                return
            connection.settimeout(_IDLE_LIMIT_SECONDS)
            serve_messages(self._card, connection, delay_seconds=self._delay_seconds, ended=self._ended)


def serve_socket_card(card: JpkiCard, host: str, port: int, delay_seconds: float = 0.0) -> SocketCard:
    """Serve a card at a loopback port.

    Takes:   host, a loopback address; port, 0 for any free one; delay_seconds, waited before each answer to a command.
    Returns: the running server, with its ``port`` and ``close()``.
    Raises:  ValueError: host is not a loopback address; OSError: the port is taken.
    """
    address = ipaddress.ip_address(host)
    if not address.is_loopback:
        raise ValueError("a socket card is served at a loopback address only")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return SocketCard(card, socket.create_server((host, port), family=family), delay_seconds)
