"""The card in a virtual PC/SC reader: vpcd of the vsmartcard project, which listens inside pcscd."""

import contextlib
import socket
import threading
from typing import Final

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.message_stream import serve_messages

_CONNECT_LIMIT_SECONDS: Final = 5.0
_FAREWELL_SECONDS: Final = 5.0


class CardInReader:
    """A card that stays in a virtual reader until it is taken out, or until the reader goes away."""

    def __init__(self, card: JpkiCard, stream: socket.socket, delay_seconds: float) -> None:
        self._stream = stream
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=serve_messages,
            args=(card, stream),
            kwargs={"delay_seconds": delay_seconds, "ended": self._ended},
            name="card in reader",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Take the card out. A command under way gets no answer. May be repeated."""
        self._ended.set()
        with contextlib.suppress(OSError):  # The reader closed first; what was wanted is so.
            self._stream.shutdown(socket.SHUT_RDWR)
        self._thread.join(_FAREWELL_SECONDS)

    def wait(self, limit_seconds: float | None = None) -> bool:
        """Wait until the reader is gone.

        Returns: whether it is gone; False after the limit.
        """
        self._thread.join(limit_seconds)
        return not self._thread.is_alive()


def attach_vpcd(card: JpkiCard, host: str, port: int, delay_seconds: float = 0.0) -> CardInReader:
    """Put a card into the virtual reader that pcscd offers at this address.

    Takes:   host and port of vpcd, usually 127.0.0.1 and 35963; delay_seconds, waited before each answer to a command.
    Returns: the card in the reader; ``close()`` takes it out.
    Raises:  OSError: nobody listens there, so pcscd is not running or has no vpcd driver.
    Effect:  a thread serves the reader. pcscd sees the card within half a second.
    """
    return insert_card(card, socket.create_connection((host, port), timeout=_CONNECT_LIMIT_SECONDS), delay_seconds)


def insert_card(card: JpkiCard, stream: socket.socket, delay_seconds: float = 0.0) -> CardInReader:
    """Put a card into a virtual reader that is connected already, for instance from another network namespace.

    Effect:  the stream belongs to the returned object.
    """
    stream.settimeout(None)
    return CardInReader(card, stream, delay_seconds)
