"""What the sign-in needs of the card's edge and of the person's edge."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from mynumber_card_agent.confirmation import Confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.transaction import Language

Step = Callable[[], None]


class Card(Protocol):
    """A card that answers this program alone until it is released."""

    def transmit(self, command: bytes | bytearray) -> bytes:
        """One command APDU, one response APDU with its status word.

        Raises: AgentError(REMOVED, TIMEOUT, CARD_FAILED).
        """
        ...


class CardSource(Protocol):
    """Where cards come from."""

    def find_cards(self, wait_seconds: float) -> tuple[str, ...]:
        """The places that hold a card, waiting this long for the first; empty if none came.

        Raises: AgentError(NO_READER).
        """
        ...

    def hold(self, place: str) -> AbstractContextManager[Card]:
        """The card at a place, in an exclusive transaction; it is reset on leaving, so that no verified PIN remains.

        Raises: AgentError(NO_READER, REMOVED, CARD_FAILED, TIMEOUT).
        """
        ...


class Dialog(Protocol):
    """The person."""

    @property
    def language(self) -> Language:
        """The language in which the person is spoken to."""
        ...

    @property
    def asks_again(self) -> bool:
        """Whether somebody is there to be asked a second time after a wrong PIN."""
        ...

    def set_language(self, language: Language) -> None:
        """Go on in the transaction's language."""
        ...

    def wait(self, text: str) -> AbstractContextManager[Step]:
        """Show what is being waited for. The step it gives is called often.

        Raises: AgentError(CANCELLED), from the step.
        """
        ...

    def ask_pin(self, confirmation: Confirmation, deadline: Deadline) -> bytearray:
        """Show everything, then ask for the PIN. The caller wipes what it gets.

        Raises: AgentError(CANCELLED, TIMEOUT, NO_DIALOG).
        """
        ...

    def insists(self, warning: str) -> bool:
        """Whether the person, warned, wants to use the last try."""
        ...

    def choose(self, question: str, options: tuple[str, ...]) -> int:
        """Which of several; 0 when nobody is there to be asked."""
        ...

    def tell(self, text: str) -> None:
        """Say something that needs no answer."""
        ...
