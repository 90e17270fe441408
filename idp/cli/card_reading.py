"""Reading the user authentication certificate off a card on the operator's desk; no PIN is asked for, none is needed.

On the plastic card that certificate is free to read; a phone keeps it behind its PIN, and is refused here.
Source: ISO/IEC 7816-4 §11.2 (SELECT), §11.3 (READ BINARY); the application's files as OpenSC's driver knows them.
"""

import importlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from idp.cli.failure import Refused, Undetermined

Transmit = Callable[[bytes], bytes]

_SELECT_APPLICATION: Final = bytes.fromhex("00A4040C0AD392F000260100000001")
_SELECT_CERTIFICATE: Final = bytes.fromhex("00A4020C02000A")
_SUCCESS: Final = b"\x90\x00"
_PART_BYTES: Final = 256
_CERTIFICATE_LIMIT_BYTES: Final = 8192
_DER_SEQUENCE_LONG: Final = b"\x30\x82"
_SOCKET_SECONDS: Final = 5.0


def read_tapped_certificate(reader: str, *, is_sandbox: bool) -> bytes:
    """The certificate of the card in a reader, DER, unverified.

    Takes:  ``pcsc``, ``pcsc:part of the reader's name`` or, in a sandbox only, ``socket:host:port``.
    Raises: Refused: not a My Number Card, or one that keeps its certificate closed. Undetermined: no reader, no card.
    """
    kind, _, place = reader.partition(":")
    if kind == "socket" and is_sandbox:
        with _open_socket(place) as transmit:
            return read_certificate(transmit)
    if kind == "pcsc":
        with _open_pcsc(place) as transmit:
            return read_certificate(transmit)
    raise Refused("--card takes pcsc, pcsc:NAME or, in a sandbox, socket:HOST:PORT")


def read_certificate(transmit: Transmit) -> bytes:
    """The user authentication certificate, through any way of reaching the card.

    Raises: Refused: the card does not answer as a My Number Card whose certificate may be read.
    """
    if transmit(_SELECT_APPLICATION)[-2:] != _SUCCESS:
        raise Refused("this is not a My Number Card")
    if transmit(_SELECT_CERTIFICATE)[-2:] != _SUCCESS:
        raise Refused("the card has no user authentication certificate")
    content = _read_part(transmit, 0)
    if content[:2] != _DER_SEQUENCE_LONG or len(content) < 4:
        raise Refused("the card's certificate is not readable; a phone opens it only with the PIN")
    total_bytes = int.from_bytes(content[2:4], "big") + 4
    if total_bytes > _CERTIFICATE_LIMIT_BYTES:
        raise Refused("what the card holds is too long for a certificate")
    while len(content) < total_bytes:
        content += _read_part(transmit, len(content))
    return content[:total_bytes]


def _read_part(transmit: Transmit, offset: int) -> bytes:
    answer = transmit(bytes((0x00, 0xB0, offset >> 8, offset & 0xFF, _PART_BYTES & 0xFF)))
    # 6282: the end of the file came before as many bytes as were asked for.
    if answer[-2:] not in (_SUCCESS, b"\x62\x82") or len(answer) == 2:
        raise Refused("the card's certificate is not readable; a phone opens it only with the PIN")
    return answer[:-2]


@contextmanager
def _open_socket(place: str) -> Iterator[Transmit]:
    host, _, port = place.rpartition(":")
    if not (port.isascii() and port.isdigit()):
        raise Refused("socket:HOST:PORT is expected")
    try:
        with socket.create_connection((host, int(port)), timeout=_SOCKET_SECONDS) as stream:
            yield lambda command: _exchange(stream, command)
    except OSError as error:
        raise Undetermined(f"no card at {place}: {error.strerror or 'no answer'}") from None


def _exchange(stream: socket.socket, command: bytes) -> bytes:
    stream.sendall(len(command).to_bytes(2, "big") + command)
    return _receive(stream, int.from_bytes(_receive(stream, 2), "big"))


def _receive(stream: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = stream.recv(length - len(received))
        if not part:
            raise OSError("the card was taken away")
        received += part
    return received


@contextmanager
def _open_pcsc(name: str) -> Iterator[Transmit]:
    try:
        system: Any = importlib.import_module("smartcard.System")
    except ImportError:
        raise Undetermined("reading cards needs pyscard: pip install pyscard") from None
    try:
        fitting = [reader for reader in system.readers() if name in str(reader)]
        if not fitting:
            raise Undetermined("there is no such reader")
        connection = fitting[0].createConnection()
        connection.connect()
        try:
            yield lambda command: _transmit_pcsc(connection, command)
        finally:
            connection.disconnect()
    except (Refused, Undetermined):
        raise
    except Exception as error:
        # pyscard's errors have no common root that every version of it keeps; its texts name the reader only.
        raise Undetermined(f"the card cannot be read ({type(error).__name__})") from None


def _transmit_pcsc(connection: Any, command: bytes) -> bytes:
    data, high, low = connection.transmit(list(command))
    return bytes(data) + bytes((high, low))
