"""The two credentials of the card as data: files, PIN and key references, what the PIN looks like.

Source: OpenSC's jpki driver and others, agreeing; J-LIS's own specification is not public.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CardCredential:
    """One key of the JPKI application with its certificate and PIN (elementary files by identifier).

    ``presence_byte`` is its place in the file that says which certificates the card has. ``folds_case`` says that the
    PIN's letters are upper-case whatever was typed; every program for the card does so, and people rely on it.
    """

    purpose: str
    certificate_file: int
    pin_file: int
    key_file: int
    presence_byte: int
    pin_form: re.Pattern[bytes]
    folds_case: bool


USER_AUTHENTICATION: Final = CardCredential(
    purpose="user-authentication",
    certificate_file=0x000A,
    pin_file=0x0018,
    key_file=0x0017,
    presence_byte=1,
    pin_form=re.compile(rb"[0-9]{4}"),
    folds_case=False,
)
DIGITAL_SIGNATURE: Final = CardCredential(
    purpose="digital-signature",
    certificate_file=0x0001,
    pin_file=0x001B,
    key_file=0x001A,
    presence_byte=0,
    pin_form=re.compile(rb"[0-9A-Z]{6,16}"),
    folds_case=True,
)
PRESENCE_FILE: Final = 0x0008
CREDENTIALS: Final = {credential.purpose: credential for credential in (USER_AUTHENTICATION, DIGITAL_SIGNATURE)}


def fold_case(credential: CardCredential, pin: bytearray) -> None:
    """Make the letters of a PIN upper-case where the credential wants that; in place, so that it can be wiped."""
    if not credential.folds_case:
        return
    for position, octet in enumerate(pin):
        if ord("a") <= octet <= ord("z"):
            pin[position] = octet - 0x20
