"""The JPKI application on a held card: certificate, tries left, PIN, signature.

Commands as every public driver sends them; the phone's variant differs only in wanting the PIN before the certificate.
"""

from typing import Final

from mynumber_card_agent.card_commands import (
    NOT_ALLOWED,
    NOT_FOUND,
    SUCCESS,
    read_binary,
    read_rest,
    select_application,
    select_file,
    send_command,
)
from mynumber_card_agent.card_credentials import PRESENCE_FILE, CardCredential, fold_case
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Card

APPLICATION: Final = bytes.fromhex("D392F000260100000001")
_ABSENT: Final = 0x00
_LOCKED: Final = frozenset({0x63C0, 0x6983, 0x6984})
_LONG_SEQUENCE: Final = b"\x30\x82"
_SIGNATURE_BYTES: Final = 256


def _fail(step: str, status: int) -> AgentError:
    return AgentError(Outcome.CARD_FAILED, f"{step} ended with {status:04X}")


class JpkiApplication:
    """The selected application of one held card."""

    def __init__(self, card: Card) -> None:
        """Select it.

        Raises: AgentError(WRONG_CARD): the card has no JPKI application.
        """
        self._card = card
        status = select_application(card, APPLICATION)
        if status != SUCCESS:
            raise AgentError(Outcome.WRONG_CARD, f"selecting the JPKI application ended with {status:04X}")

    def _select(self, file: int, missing: Outcome) -> None:
        status = select_file(self._card, file)
        if status == NOT_FOUND:
            raise AgentError(missing, f"file {file:04X} is not there")
        if status != SUCCESS:
            raise _fail(f"selecting file {file:04X}", status)

    def check_presence(self, credential: CardCredential) -> None:
        """Establish that the card does not say of itself that it lacks this certificate.

        Asked before the PIN: the digital signature certificate cannot be seen without it, and a person who has none
        should not be asked for a password. A card that does not answer, or answers otherwise, is not judged here.
        Raises: AgentError(NO_CERTIFICATE).
        """
        if select_file(self._card, PRESENCE_FILE) != SUCCESS:
            return
        present, _ = read_binary(self._card, 0, credential.presence_byte + 1)
        if len(present) > credential.presence_byte and present[credential.presence_byte] == _ABSENT:
            raise AgentError(Outcome.NO_CERTIFICATE, "the card says that it has no such certificate")

    def find_certificate(self, credential: CardCredential) -> bytes | None:
        """The certificate, or None while it wants the PIN first (a card held in a phone).

        Raises: AgentError(NO_CERTIFICATE): the file is missing or holds none.
        """
        self._select(credential.certificate_file, Outcome.NO_CERTIFICATE)
        start, status = read_binary(self._card, 0, 4)
        if status == NOT_ALLOWED:
            return None
        if not start.startswith(_LONG_SEQUENCE) or len(start) != 4:
            raise AgentError(Outcome.NO_CERTIFICATE, f"the certificate's file is empty ({status:04X})")
        return read_rest(self._card, start, int.from_bytes(start[2:4], "big") + 4)

    def get_tries_left(self, credential: CardCredential) -> int:
        """How often a wrong PIN may still be given; asking costs none (VERIFY without data).

        Raises: AgentError(LOCKED): none; AgentError(CARD_FAILED): the card does not say.
        """
        self._select(credential.pin_file, Outcome.CARD_FAILED)
        _, status = send_command(self._card, bytes((0x00, 0x20, 0x00, 0x80)))
        if status in _LOCKED:
            raise AgentError(Outcome.LOCKED, f"VERIFY without data answered {status:04X}", tries_left=0)
        if status & 0xFFF0 != 0x63C0:
            raise _fail("asking for the tries left", status)
        return status & 0x000F

    def verify_pin(self, credential: CardCredential, pin: bytearray) -> None:
        """Open the key with the PIN. A wrong one costs a try.

        Effect: letters become upper-case in the given buffer where the credential wants that.
        Raises: AgentError(PIN_FORM): it cannot be right, so the card was not asked. AgentError(WRONG_PIN, LOCKED).
        """
        fold_case(credential, pin)
        if credential.pin_form.fullmatch(pin) is None:
            raise AgentError(Outcome.PIN_FORM, "the PIN has another form")
        self._select(credential.pin_file, Outcome.CARD_FAILED)
        command = bytearray((0x00, 0x20, 0x00, 0x80, len(pin))) + pin
        try:
            # Straight to the card: send_command would copy the command if the card asked for another length.
            response = self._card.transmit(command)
        finally:
            wipe(command)
        status = int.from_bytes(response[-2:], "big") if len(response) >= 2 else 0
        if status in _LOCKED:
            raise AgentError(Outcome.LOCKED, f"VERIFY answered {status:04X}", tries_left=0)
        if status & 0xFFF0 == 0x63C0:
            raise AgentError(Outcome.WRONG_PIN, tries_left=status & 0x000F)
        if status != SUCCESS:
            raise _fail("VERIFY", status)

    def sign(self, credential: CardCredential, digest_info: bytes) -> bytes:
        """The card's RSASSA-PKCS1-v1_5 signature; the card pads, the DigestInfo comes from here.

        Returns: 256 bytes.
        Raises:  AgentError(CARD_FAILED).
        """
        self._select(credential.key_file, Outcome.CARD_FAILED)
        command = bytes((0x80, 0x2A, 0x00, 0x80, len(digest_info))) + digest_info + b"\x00"
        signature, status = send_command(self._card, command)
        if status != SUCCESS or len(signature) != _SIGNATURE_BYTES:
            raise _fail("signing", status)
        return signature


def wipe(secret: bytearray) -> None:
    """Overwrite a secret in place. Copies that the language made on the way (a window's entry field) are beyond it."""
    secret[:] = bytes(len(secret))
