"""A moment on the machine's own running clock; a wrong wall clock cannot move it."""

import time
from collections.abc import Callable

from mynumber_card_agent.outcomes import AgentError, Outcome

Monotonic = Callable[[], float]


class Deadline:
    """When something must be over."""

    def __init__(self, seconds: float, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends = monotonic() + seconds

    def remaining_seconds(self) -> float:
        """What is left, never negative."""
        return max(0.0, self._ends - self._monotonic())

    def check(self) -> None:
        """Establish that there is time left.

        Raises: AgentError(TIMEOUT).
        """
        if self.remaining_seconds() <= 0:
            raise AgentError(Outcome.TIMEOUT, "the request ran out of time")
