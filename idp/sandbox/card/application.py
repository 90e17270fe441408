"""The JPKI application (公的個人認証AP) as a state machine: a command in, an answer out (ISO/IEC 7816-4)."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from idp.sandbox.card.command import Command, parse_command
from idp.sandbox.card.contents import CardContents, check_contents
from idp.sandbox.card.files import ElementaryFile, FileId, KeyFile, PasswordFile, ReadableFile, lay_out_files
from idp.sandbox.card.password import CardPassword, TriesInMemory
from idp.sandbox.card.ports import TryCounter
from idp.sandbox.card.signature import compute_signature
from idp.sandbox.card.status_word import CommandRefused, StatusWord, tries_left_answer

APPLICATION_ID: Final = bytes.fromhex("D392F000260100000001")
PIN_TRIES: Final = 3
SIGNING_PASSWORD_TRIES: Final = 5

LockedAnswer = Literal[0x6984, 0x6983, 0x63C0]

_PIN: Final = re.compile(r"[0-9]{4}")
_SIGNING_PASSWORD: Final = re.compile(r"[A-Z0-9]{6,16}")
_PLAIN_CLASS: Final = 0x00
_PROPRIETARY_CLASS: Final = 0x80


@dataclass(slots=True)
class _Session:
    """What the card knows between power on and power off."""

    is_application_selected: bool = False
    current_file: ElementaryFile | None = None
    verified: set[FileId] = field(default_factory=set)


class JpkiCard:
    """A card in the field of a reader. One instance may be handed to several readers; commands run one at a time."""

    def __init__(
        self,
        contents: CardContents,
        *,
        pin: str,
        signing_password: str | None = None,
        pin_counter: TryCounter | None = None,
        signing_password_counter: TryCounter | None = None,
        locked_answer: LockedAnswer = 0x6984,
    ) -> None:
        """Personalise a card.

        Takes:   pin, 4 digits; signing_password, 6 to 16 of A-Z and 0-9, given exactly where contents has a
                 digital-signature credential; the counters, in memory and full unless given; locked_answer, what VERIFY
                 says once locked: real cards were seen with 6984, ISO/IEC 7816-4 has 6983, and some answer 63C0.
        Raises:  ValueError: a card could not carry this.
        """
        check_contents(contents)
        if _PIN.fullmatch(pin) is None:
            raise ValueError("the PIN is not four digits")
        if (signing_password is None) != (contents.digital_signature is None):
            raise ValueError("a signing password and a digital-signature credential go together")
        if signing_password is not None and _SIGNING_PASSWORD.fullmatch(signing_password) is None:
            raise ValueError("the signing password is not 6 to 16 capital letters and digits")
        self._has_signing_password = signing_password is not None
        self._pin = CardPassword(pin.encode(), PIN_TRIES, pin_counter or TriesInMemory(PIN_TRIES), locked_answer)
        if signing_password is None:
            signing_password, signing_password_counter = "", TriesInMemory(0)
        self._signing_password = CardPassword(
            signing_password.encode(),
            SIGNING_PASSWORD_TRIES,
            signing_password_counter or TriesInMemory(SIGNING_PASSWORD_TRIES),
            locked_answer,
        )
        self._files: Mapping[int, ElementaryFile] = lay_out_files(contents, self._pin, self._signing_password)
        self._session = _Session()
        self._one_at_a_time = threading.Lock()

    def pin_tries_left(self) -> int:
        """How often the user-authentication PIN may still be tried; 0 is locked."""
        return self._pin.tries_left()

    def signing_password_tries_left(self) -> int | None:
        """How often the signing password may still be tried; None on a card without one."""
        return self._signing_password.tries_left() if self._has_signing_password else None

    def reset(self) -> None:
        """Power off, power on or reset: nothing is selected, no password is verified. Tries stay."""
        with self._one_at_a_time:
            self._session = _Session()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command.

        Takes:   any bytes. Work is bounded by one RSA signature and the length of the input.
        Returns: data and status word, 2 bytes or more. No input makes it raise.
        Source:  ISO/IEC 7816-4 §5.6.
        """
        with self._one_at_a_time:
            try:
                answer = self._execute(parse_command(apdu))
            except CommandRefused as refused:
                return refused.status_word.to_bytes(2)
        return answer + StatusWord.DONE.to_bytes(2)

    def _execute(self, command: Command) -> bytes:
        if command.class_byte not in (_PLAIN_CLASS, _PROPRIETARY_CLASS):
            raise CommandRefused(StatusWord.UNKNOWN_CLASS)
        executors: dict[tuple[int, int], Callable[[Command], bytes]] = {
            (_PLAIN_CLASS, 0xA4): self._select,
            (_PLAIN_CLASS, 0xB0): self._read_binary,
            (_PLAIN_CLASS, 0x20): self._verify,
            (_PROPRIETARY_CLASS, 0x2A): self._compute_digital_signature,
        }
        executor = executors.get((command.class_byte, command.instruction))
        if executor is None:
            raise CommandRefused(StatusWord.UNKNOWN_INSTRUCTION)
        return executor(command)

    def _select(self, command: Command) -> bytes:
        """SELECT by application identifier (P1 04) or file identifier (P1 02), ISO/IEC 7816-4 §11.2.2.

        P2 00 asks for file control information; there is none, so both forms answer without data. Selecting the
        application again forgets every verified password; a refused SELECT changes nothing.
        """
        if command.parameter_2 not in (0x00, 0x0C):
            raise CommandRefused(StatusWord.WRONG_PARAMETERS)
        if command.parameter_1 == 0x04:
            if command.data != APPLICATION_ID:
                raise CommandRefused(StatusWord.NOT_FOUND)
            self._session = _Session(is_application_selected=True)
        elif command.parameter_1 == 0x02:
            if len(command.data) != 2:
                raise CommandRefused(StatusWord.WRONG_LENGTH)
            self._move_to(int.from_bytes(command.data))
        else:
            raise CommandRefused(StatusWord.WRONG_PARAMETERS)
        return b""

    def _read_binary(self, command: Command) -> bytes:
        """READ BINARY at an offset of the current file, or (bit 8 of P1) of one named by its short identifier, §11.3.3.

        Fewer bytes than asked for, at the end of the file, are an ordinary answer.
        """
        if command.parameter_1 & 0x80:
            file, offset = self._addressed(command.parameter_1), command.parameter_2
        else:
            file, offset = self._current_file(), command.parameter_1 << 8 | command.parameter_2
        if command.expected_bytes is None or command.data:
            raise CommandRefused(StatusWord.WRONG_LENGTH)
        if not isinstance(file, ReadableFile):
            raise CommandRefused(StatusWord.WRONG_FILE_KIND)
        self._check_opened(file.opened_by)
        if offset >= len(file.content):
            raise CommandRefused(StatusWord.OFFSET_OUTSIDE_FILE)
        return file.content[offset : offset + command.expected_bytes]

    def _verify(self, command: Command) -> bytes:
        """VERIFY, §11.5.6: without data it always tells the tries left, even of a verified password."""
        if command.parameter_1 != 0x00:
            raise CommandRefused(StatusWord.WRONG_PARAMETERS)
        file = self._addressed(command.parameter_2)
        if not isinstance(file, PasswordFile):
            raise CommandRefused(StatusWord.WRONG_FILE_KIND)
        if not command.data:
            raise CommandRefused(tries_left_answer(file.password.tries_left()))
        self._session.verified.discard(file.opens)
        file.password.check(command.data)
        self._session.verified.add(file.opens)
        return b""

    def _compute_digital_signature(self, command: Command) -> bytes:
        """COMPUTE DIGITAL SIGNATURE in this application's own form: scheme in P1, key in P2, no MSE before it.

        Without Le the whole signature is given, as a reader that speaks T=0 expects from its card.
        """
        file = self._addressed(command.parameter_2)
        if not isinstance(file, KeyFile):
            raise CommandRefused(StatusWord.WRONG_FILE_KIND)
        self._check_opened(file.opened_by)
        if file.private_key is None:
            raise CommandRefused(StatusWord.REFERENCE_DATA_NOT_USABLE)
        if command.expected_bytes is not None and command.expected_bytes < file.private_key.key_size // 8:
            raise CommandRefused(StatusWord.WRONG_LENGTH)
        return compute_signature(file.private_key, command.parameter_1, command.data)

    def _check_opened(self, opened_by: FileId | None) -> None:
        if opened_by is not None and opened_by not in self._session.verified:
            raise CommandRefused(StatusWord.SECURITY_STATUS_NOT_SATISFIED)

    def _addressed(self, reference: int) -> ElementaryFile:
        """The file a reference byte means: 80 the current one, 81 to 9E one by its short identifier."""
        if reference & 0xE0 != 0x80 or reference == 0x9F:
            raise CommandRefused(StatusWord.WRONG_PARAMETERS)
        if reference != 0x80:
            self._move_to(reference & 0x1F)
        return self._current_file()

    def _current_file(self) -> ElementaryFile:
        if self._session.current_file is None:
            raise CommandRefused(StatusWord.NO_CURRENT_FILE)
        return self._session.current_file

    def _move_to(self, file_id: int) -> None:
        if not self._session.is_application_selected or file_id not in self._files:
            raise CommandRefused(StatusWord.NOT_FOUND)
        self._session.current_file = self._files[file_id]
