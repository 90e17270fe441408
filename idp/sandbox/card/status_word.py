"""The two bytes that end each answer of a card (ISO/IEC 7816-4 §5.6)."""

from enum import IntEnum
from typing import Final


class StatusWord(IntEnum):
    """The answers this card gives. 63Cx, wrong password with x tries left, is made by ``tries_left_answer``."""

    DONE = 0x9000
    WRONG_LENGTH = 0x6700
    WRONG_FILE_KIND = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_BLOCKED = 0x6983
    REFERENCE_DATA_NOT_USABLE = 0x6984
    NO_CURRENT_FILE = 0x6986
    NOT_FOUND = 0x6A82
    WRONG_PARAMETERS = 0x6A86
    OFFSET_OUTSIDE_FILE = 0x6B00
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00


NO_TRIES_LEFT: Final = 0x63C0


class CommandRefused(Exception):
    """The card's answer is this status word and no data."""

    def __init__(self, status_word: int) -> None:
        super().__init__(f"{status_word:04X}")
        self.status_word = status_word


def tries_left_answer(tries_left: int) -> int:
    """The status word 63Cx that tells how often a password may still be tried.

    Takes: tries_left, 0 to 15.
    """
    return NO_TRIES_LEFT | tries_left
