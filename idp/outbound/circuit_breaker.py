"""A circuit breaker: an operator that does not answer is left alone for a while, and people are told at once.

Each process has its own, because it only remembers what this process has just seen; nothing is lost with it.
"""

import threading
import time
from collections.abc import Callable


class BreakerOpen(Exception):
    """The operator is not asked now."""


class CircuitBreaker:
    """Opens after so many failures in a row; after a while it lets one call through to see.

    Takes: failures_to_open; open_seconds, for how long nobody is asked; monotonic, seconds that never go back.
    """

    def __init__(
        self, failures_to_open: int, open_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at: float | None = None

    def check_admitted(self) -> None:
        """Establish that a call may be made; whoever makes it records how it ended.

        Raises: BreakerOpen.
        Effect: of many callers after the pause one is let through, and the others wait for what it finds.
        """
        with self._lock:
            if self._retry_at is None:
                return
            if self._monotonic() < self._retry_at:
                raise BreakerOpen
            # Should this one never report, another is let through after the same time.
            self._retry_at = self._monotonic() + self._open_seconds

    def record_success(self) -> None:
        """The operator gave an answer, be it a no."""
        with self._lock:
            self._failures = 0
            self._retry_at = None

    def record_failure(self) -> None:
        """The operator gave none."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._failures_to_open:
                self._retry_at = self._monotonic() + self._open_seconds
