"""A card at the end of a byte stream: the framing that vpcd and the socket card share.

Each message both ways is a 2-byte big-endian length and that many bytes. Towards the card a message of length 1 is a
control byte: 00 power off, 01 power on, 02 reset (none of them is answered), 04 asks for the ATR and is answered by it.
Any other message is a command APDU and is answered by a response APDU.
"""

import socket
import sys
import threading
from typing import Final

from idp.sandbox.card.application import JpkiCard

ANSWER_TO_RESET: Final = bytes.fromhex("3B8880010000 05E0B381A1007F")  # what readers report for the contactless card
LONGEST_COMMAND_BYTES: Final = 4096  # more than any command of this card; less than "GE", "PO" or TLS would announce

_POWER_OFF: Final = 0x00
_POWER_ON: Final = 0x01
_RESET: Final = 0x02
_ASK_ANSWER_TO_RESET: Final = 0x04


def serve_messages(card: JpkiCard, stream: socket.socket, *, delay_seconds: float, ended: threading.Event) -> None:
    """Let the other side use the card until it closes the stream, breaks the framing or ``ended`` is set.

    Takes:   delay_seconds, waited before each answer to a command, for a real card is slow.
    Effect:  the card is reset before and after, as if put in and taken out; the stream is closed at the end. A message
             longer than the limit ends it: a browser page that posts to this port gets nowhere, for its "PO" announces
             20,559 bytes.
    """
    card.reset()
    try:
        if stream.family != socket.AF_UNIX:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (message := _find_message(stream)) is not None:
            if len(message) != 1:
                answer: bytes | None = card.transmit(message)
                if ended.wait(delay_seconds):
                    return
            else:
                answer = _obey(card, message[0])
            if answer is not None:
                stream.sendall(len(answer).to_bytes(2) + answer)
    except OSError:
        return  # Closed, reset or idle too long: the reader is gone, which is how a card's visit ends.
    finally:
        card.reset()
        stream.close()


def _obey(card: JpkiCard, control: int) -> bytes | None:
    if control in (_POWER_OFF, _POWER_ON, _RESET):
        card.reset()
    return ANSWER_TO_RESET if control == _ASK_ANSWER_TO_RESET else None


def _find_message(stream: socket.socket) -> bytes | None:
    header = _find_bytes(stream, 2)
    if header is None or int.from_bytes(header) > LONGEST_COMMAND_BYTES:
        return None
    return _find_bytes(stream, int.from_bytes(header))


def _find_bytes(stream: socket.socket, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        _acknowledge_at_once(stream)
        part = stream.recv(length - len(received))
        if not part:
            return None
        received += part
    return bytes(received)


def _acknowledge_at_once(stream: socket.socket) -> None:
    """Ask for an immediate TCP acknowledgement; the kernel forgets the wish, so it is repeated for each ``recv``.

    vpcd sends length and message in two pieces with Nagle's algorithm on, and a delayed acknowledgement of the first
    holds back the second for 40 ms: opensc-tool needs 1.4 s instead of 0.02 s.
    """
    if sys.platform == "linux" and stream.family != socket.AF_UNIX:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
