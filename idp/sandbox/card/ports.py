"""What the card needs from outside."""

from typing import Protocol


class TryCounter(Protocol):
    """How often one password may still be tried.

    Several cards may share one counter (the sandbox page and a card program showing the same person), so nothing is
    remembered between two calls. ``record`` is durable when it returns: the card counts a try before it compares.
    """

    def tries_left(self) -> int:
        """The present count, 0 to 15."""

    def record(self, tries_left: int) -> None:
        """Replace the count."""
