"""A person who answers as told and remembers what was shown."""

import contextlib
from collections.abc import Iterator

from mynumber_card_agent.confirmation import Confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Step
from mynumber_card_agent.transaction import Language


class PersonDouble:
    """A ``Dialog``. It types the given PINs in turn, then cancels."""

    def __init__(self, *pins: str, insists: bool = False, asks_again: bool = True) -> None:
        self.pins = list(pins)
        self.does_insist = insists
        self.does_ask_again = asks_again
        self.language_now: Language = "en"
        self.shown: list[Confirmation] = []
        self.given: list[bytearray] = []
        self.warnings: list[str] = []
        self.told: list[str] = []
        self.choice = 0

    @property
    def language(self) -> Language:
        return self.language_now

    @property
    def asks_again(self) -> bool:
        return self.does_ask_again

    def set_language(self, language: Language) -> None:
        self.language_now = language

    @contextlib.contextmanager
    def wait(self, text: str) -> Iterator[Step]:
        yield lambda: None

    def ask_pin(self, confirmation: Confirmation, deadline: Deadline) -> bytearray:
        self.shown.append(confirmation)
        if not self.pins:
            raise AgentError(Outcome.CANCELLED)
        self.given.append(bytearray(self.pins.pop(0).encode()))
        return self.given[-1]

    def insists(self, warning: str) -> bool:
        self.warnings.append(warning)
        return self.does_insist

    def choose(self, question: str, options: tuple[str, ...]) -> int:
        return self.choice

    def tell(self, text: str) -> None:
        self.told.append(text)
