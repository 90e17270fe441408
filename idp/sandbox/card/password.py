"""A password of the card and its tries: the user-authentication PIN, the signing password."""

import hmac

from idp.sandbox.card.ports import TryCounter
from idp.sandbox.card.status_word import CommandRefused, tries_left_answer


class TriesInMemory:
    """A try counter that lives as long as its card object."""

    def __init__(self, tries_left: int) -> None:
        self._tries_left = tries_left

    def tries_left(self) -> int:
        """The present count."""
        return self._tries_left

    def record(self, tries_left: int) -> None:
        """Replace the count."""
        self._tries_left = tries_left


class CardPassword:
    """A password that locks itself after a number of wrong tries in a row."""

    def __init__(self, value: bytes, maximum_tries: int, counter: TryCounter, locked_answer: int) -> None:
        self._value = value
        self._maximum_tries = maximum_tries
        self._counter = counter
        self._locked_answer = locked_answer

    def tries_left(self) -> int:
        """How often it may still be tried; 0 is locked.

        Returns: 0 to the maximum, whatever a shared counter says.
        """
        return min(max(self._counter.tries_left(), 0), self._maximum_tries)

    def check(self, attempt: bytes) -> None:
        """Establish that the attempt is the password, byte for byte: the card changes no letter's case.

        Raises:  CommandRefused: 63Cx wrong, x tries left; the configured answer, once locked.
        Effect:  the try is counted before the comparison, so that power cut in between gives none back; success
                 restores the tries.
        Source:  ISO/IEC 7816-4 §11.5.6; 63C0 for the exhausting try and 6984 afterwards as measured on real cards.
        """
        tries_left = self.tries_left()
        if tries_left == 0:
            raise CommandRefused(self._locked_answer)
        self._counter.record(tries_left - 1)
        if not hmac.compare_digest(attempt, self._value):
            raise CommandRefused(tries_left_answer(tries_left - 1))
        self._counter.record(self._maximum_tries)
