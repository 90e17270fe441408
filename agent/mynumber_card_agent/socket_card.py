"""A simulated card on a loopback TCP port. Protocol, appendix A. Whether it may be used at all, ``sandbox`` decides."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mynumber_card_agent.issuers import is_loopback_host
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Card

_POWER_OFF: Final = b"\x00"
_POWER_ON: Final = b"\x01"
_RESET: Final = b"\x02"
_ANSWER_TIMEOUT_SECONDS: Final = 30.0


class _SocketCard:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def transmit(self, command: bytes | bytearray) -> bytes:
        if len(command) < 4:
            raise AgentError(Outcome.CARD_FAILED, "not a command")  # Length 1 would be a control byte.
        try:
            self.send(command)
            return self._receive(int.from_bytes(self._receive(2), "big"))
        except TimeoutError as error:
            raise AgentError(Outcome.TIMEOUT, "the simulated card did not answer") from error
        except OSError as error:
            raise AgentError(Outcome.REMOVED, type(error).__name__) from error

    def send(self, message: bytes | bytearray) -> None:
        # One buffer, so that no delayed acknowledgement waits between length and bytes; wiped, for it may hold a PIN.
        framed = bytearray(len(message).to_bytes(2, "big")) + message
        try:
            self._connection.sendall(framed)
        finally:
            framed[:] = bytes(len(framed))

    def _receive(self, length: int) -> bytes:
        received = bytearray()
        while len(received) < length:
            part = self._connection.recv(length - len(received))
            if not part:
                raise AgentError(Outcome.REMOVED, "the simulated card closed the connection")
            received += part
        return bytes(received)


class SocketCardSource:
    """One port where a simulated card listens."""

    def __init__(self, host: str, port: int, answer_timeout_seconds: float = _ANSWER_TIMEOUT_SECONDS) -> None:
        if not is_loopback_host(host) or not 0 < port < 65536:
            raise AgentError(Outcome.CONFIGURATION, "a simulated card is reached on this machine only")
        self._address = (host, port)
        self._answer_timeout_seconds = answer_timeout_seconds

    def find_cards(self, wait_seconds: float) -> tuple[str, ...]:
        """Always the one place; that nobody listens there shows when it is held."""
        return (f"{self._address[0]}:{self._address[1]}",)

    @contextmanager
    def hold(self, place: str) -> Iterator[Card]:
        """Connect, power on; reset and power off at the end."""
        try:
            connection = socket.create_connection(self._address, timeout=self._answer_timeout_seconds)
        except OSError as error:
            raise AgentError(Outcome.NO_READER, f"no simulated card at {place}") from error
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            card = _SocketCard(connection)
            try:
                card.send(_POWER_ON)
                yield card
            except OSError as error:
                raise AgentError(Outcome.REMOVED, type(error).__name__) from error
            finally:
                self._power_off(card)

    @staticmethod
    def _power_off(card: _SocketCard) -> None:
        try:
            card.send(_RESET)
            card.send(_POWER_OFF)
        except OSError:
            return  # The card is gone, and with it its state: what the reset was for.
