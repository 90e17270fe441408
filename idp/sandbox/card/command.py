"""A command as it arrives at a card: the command APDU and its seven cases (ISO/IEC 7816-3 §12.1)."""

from dataclasses import dataclass, field
from typing import Final

from idp.sandbox.card.status_word import CommandRefused, StatusWord

_HEADER_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Command:
    """One parsed command. Its data are kept out of ``repr``, for they may be a password."""

    class_byte: int
    instruction: int
    parameter_1: int
    parameter_2: int
    data: bytes = field(repr=False)
    expected_bytes: int | None


def parse_command(apdu: bytes) -> Command:
    """What a command APDU says, in its short or its extended form.

    Takes:   any bytes.
    Returns: the Command; expected_bytes is None where no Le was sent, else 1 to 65536. The five bytes that a T=0 reader
             sends for a command without data (``00 20 00 80 00``) have no data and Le = 256.
    Raises:  CommandRefused 6700: the lengths inside do not agree with the length outside.
    Source:  ISO/IEC 7816-3 §12.1.3.
    """
    if len(apdu) < _HEADER_BYTES:
        raise CommandRefused(StatusWord.WRONG_LENGTH)
    body = apdu[_HEADER_BYTES:]
    data, expected_bytes = _parse_extended(body) if len(body) > 1 and body[0] == 0 else _parse_short(body)
    return Command(apdu[0], apdu[1], apdu[2], apdu[3], data, expected_bytes)


def _parse_short(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or 0x100
    end_of_data = 1 + body[0]
    data, rest = body[1:end_of_data], body[end_of_data:]
    if len(data) != body[0] or len(rest) > 1:
        raise CommandRefused(StatusWord.WRONG_LENGTH)
    return data, (rest[0] or 0x100) if rest else None


def _parse_extended(body: bytes) -> tuple[bytes, int | None]:
    if len(body) == 3:
        return b"", int.from_bytes(body[1:3]) or 0x10000
    length = int.from_bytes(body[1:3])
    data, rest = body[3 : 3 + length], body[3 + length :]
    if length == 0 or len(data) != length or len(rest) not in (0, 2):
        raise CommandRefused(StatusWord.WRONG_LENGTH)
    return data, (int.from_bytes(rest) or 0x10000) if rest else None
