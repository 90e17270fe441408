"""APDUs: sending one, reading its status word, reading a file.

Source: ISO/IEC 7816-4 (SELECT, READ BINARY, VERIFY, GET RESPONSE); ISO/IEC 7816-8 (COMPUTE DIGITAL SIGNATURE).
"""

from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Card

SUCCESS: Final = 0x9000
NOT_FOUND: Final = 0x6A82
NOT_ALLOWED: Final = 0x6982
_END_OF_FILE: Final = 0x6282
_LARGEST_FILE_BYTES: Final = 8192
_MOST_PARTS: Final = 64


def send_command(card: Card, command: bytes | bytearray) -> tuple[bytes, int]:
    """One command, carried through to its end.

    Returns: the data and the status word. A card or reader speaking T=0 may answer ``61 xx`` (fetch the rest) or
             ``6C xx`` (ask again with this length); both are followed here.
    Raises:  AgentError(CARD_FAILED): an answer without a status word, or one that never ends.
    """
    collected = bytearray()
    for _ in range(_MOST_PARTS):
        response = card.transmit(command)
        if len(response) < 2:
            raise AgentError(Outcome.CARD_FAILED, "an answer without a status word")
        collected += response[:-2]
        high, low = response[-2], response[-1]
        if high == 0x61:
            command = bytes((0x00, 0xC0, 0x00, 0x00, low))
        elif high == 0x6C and len(command) >= 5:
            command = bytes(command[:-1]) + bytes((low,))
        else:
            return bytes(collected), high << 8 | low
    raise AgentError(Outcome.CARD_FAILED, "an answer that never ends")


def select_application(card: Card, application: bytes) -> int:
    """SELECT by name. Returns: the status word."""
    return send_command(card, bytes((0x00, 0xA4, 0x04, 0x0C, len(application))) + application)[1]


def select_file(card: Card, file: int) -> int:
    """SELECT of an elementary file by identifier. Returns: the status word."""
    return send_command(card, bytes((0x00, 0xA4, 0x02, 0x0C, 0x02)) + file.to_bytes(2, "big"))[1]


def read_binary(card: Card, offset: int, length: int) -> tuple[bytes, int]:
    """READ BINARY of the selected file. Takes: length 1 to 256."""
    return send_command(card, bytes((0x00, 0xB0, offset >> 8, offset & 0xFF, length & 0xFF)))


def read_rest(card: Card, start: bytes, total_bytes: int) -> bytes:
    """The selected file up to a length, of which the start is already here.

    Raises: AgentError(CARD_FAILED): too large to be a certificate, shorter than it says, or refused half-way.
    """
    if total_bytes > _LARGEST_FILE_BYTES:
        raise AgentError(Outcome.CARD_FAILED, "a file too large to be a certificate")
    content = bytearray(start)
    while len(content) < total_bytes:
        part, status = read_binary(card, len(content), min(256, total_bytes - len(content)))
        if status not in (SUCCESS, _END_OF_FILE) or not part:
            raise AgentError(Outcome.CARD_FAILED, f"reading a certificate ended with {status:04X}")
        content += part
    return bytes(content[:total_bytes])
