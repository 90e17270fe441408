"""The person at a terminal, or a program that feeds the PIN on standard input."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace

from mynumber_card_agent.confirmation import Confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Step
from mynumber_card_agent.secret_line import read_secret_line
from mynumber_card_agent.terminal_layout import lay_out
from mynumber_card_agent.texts import say
from mynumber_card_agent.transaction import Language


@contextlib.contextmanager
def _without_echo(descriptor: int) -> Iterator[None]:
    try:
        import termios
    except ImportError as error:  # Windows: a PIN on the screen is worse than none.
        raise AgentError(Outcome.NO_DIALOG, "this terminal cannot hide what is typed") from error
    try:
        before = termios.tcgetattr(descriptor)
        silent = [*before]
        silent[3] = before[3] & ~termios.ECHO
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    except termios.error as error:
        raise AgentError(Outcome.NO_DIALOG, "not a terminal") from error
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


class TerminalDialog:
    """Shows on standard error; asks on the controlling terminal, or takes the PIN from standard input."""

    def __init__(self, language: Language, *, is_pin_on_stdin: bool = False) -> None:
        self._language = language
        self._is_pin_on_stdin = is_pin_on_stdin

    @property
    def language(self) -> Language:
        """The language in which the person is spoken to."""
        return self._language

    @property
    def asks_again(self) -> bool:
        """Not on standard input: a program that feeds a wrong PIN twice would lock the card."""
        return not self._is_pin_on_stdin

    def set_language(self, language: Language) -> None:
        """Go on in the transaction's language."""
        self._language = language

    @contextlib.contextmanager
    def wait(self, text: str) -> Iterator[Step]:
        """Say it once; Ctrl-C is the way out."""
        self.tell(text)
        yield lambda: None

    def ask_pin(self, confirmation: Confirmation, deadline: Deadline) -> bytearray:
        """Show all rows, then read the PIN without echo."""
        columns = shutil.get_terminal_size().columns
        self.tell(lay_out(confirmation, columns))
        # Once more at the end: a long statement may have pushed the beginning off the screen.
        self.tell(lay_out(replace(confirmation, rows=confirmation.rows[:1]), columns))
        if confirmation.remark:
            self.tell(confirmation.remark)
        if self._is_pin_on_stdin:
            return read_secret_line(sys.stdin.fileno(), deadline)
        self._prompt(f"{confirmation.prompt} (Ctrl-C: {say('button_cancel', self._language)}): ")
        with _terminal() as descriptor, _without_echo(descriptor):
            pin = read_secret_line(descriptor, deadline)
        self.tell("")
        return pin

    def insists(self, warning: str) -> bool:
        """Whether the person typed the word; never on standard input."""
        self.tell(warning)
        return not self._is_pin_on_stdin and self._ask(say("type_to_insist", self._language)) == "insist"

    def choose(self, question: str, options: tuple[str, ...]) -> int:
        """The number typed, 0 for anything that is none of them."""
        if self._is_pin_on_stdin:
            return 0
        self.tell(question)
        for number, option in enumerate(options, start=1):
            self.tell(f"  {number}  {option}")
        answer = self._ask(say("choice", self._language))
        is_number = answer.isascii() and answer.isdigit() and len(answer) <= 3
        return int(answer) - 1 if is_number and 1 <= int(answer) <= len(options) else 0

    def tell(self, text: str) -> None:
        """On standard error, which stays free of the return address."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _prompt(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    def _ask(self, prompt: str) -> str:
        self._prompt(prompt)
        try:
            with open("/dev/tty", encoding="utf-8", errors="replace") as terminal:
                return terminal.readline(256).strip()
        except OSError:
            return ""


@contextlib.contextmanager
def _terminal() -> Iterator[int]:
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise AgentError(Outcome.NO_DIALOG, "no terminal") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)
