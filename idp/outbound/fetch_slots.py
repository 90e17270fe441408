"""Slots for calls to hosts that clients chose: slow hosts of some clients hold neither all threads nor all slots.

Time is what a slow host takes from others, so time is what counts: a host that took long, whatever it answered, is left
alone, twice as long each time. One that fails at once costs nothing, and hosts that many clients share would suffer for
one wrong address on them.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from idp.outbound.guarded_http import FetchedDocument, FetchFailed

SLOW_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 30
LONGEST_PAUSE_SECONDS: Final = 300
MOST_HOSTS: Final = 1000


class FetchPostponed(FetchFailed):
    """Nothing was tried: no slot was free, or the host was slow a moment ago."""


class FetchesDocuments(Protocol):
    """``outbound.guarded_http.GuardedHttp``."""

    def get(self, url: str, accept: str) -> FetchedDocument:
        """The document, or FetchRefused, FetchFailed."""
        ...


@dataclass(slots=True)
class _Slow:
    times: int
    until: float


class SlottedHttp:
    """Satisfies ``FetchesDocuments``: so many calls at once, and pauses for slow hosts.

    ``wait_seconds`` is how long a caller waits for a slot.
    """

    def __init__(
        self,
        http: FetchesDocuments,
        *,
        most_at_once: int,
        wait_seconds: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._slots = threading.BoundedSemaphore(most_at_once)
        self._wait_seconds = wait_seconds
        self._monotonic = monotonic
        self._slow: dict[str, _Slow] = {}
        self._lock = threading.Lock()

    def get(self, url: str, accept: str) -> FetchedDocument:
        """The document.

        Raises: FetchRefused, FetchFailed; FetchPostponed, when nothing was tried.
        """
        host = urlsplit(url).hostname or ""
        self._check_not_paused(host)
        if not self._slots.acquire(timeout=self._wait_seconds):
            raise FetchPostponed("no slot is free")
        began = self._monotonic()
        try:
            return self._http.get(url, accept)
        finally:
            self._slots.release()
            self._note(host, self._monotonic() - began)

    def _check_not_paused(self, host: str) -> None:
        with self._lock:
            slow = self._slow.get(host)
            if slow is not None and self._monotonic() < slow.until:
                raise FetchPostponed("the host was slow")

    def _note(self, host: str, took_seconds: float) -> None:
        with self._lock:
            slow = self._slow.pop(host, None)
            if took_seconds < SLOW_SECONDS:
                return
            if len(self._slow) >= MOST_HOSTS:
                del self._slow[next(iter(self._slow))]
            times = 1 if slow is None else slow.times + 1
            self._slow[host] = _Slow(times, self._monotonic() + pause_seconds(times))


def pause_seconds(times: int) -> int:
    """How long somebody is left alone who made trouble so many times on end."""
    # Ten doublings are more than the longest; without a bound the power would grow with every failure.
    return min(FIRST_PAUSE_SECONDS << (min(times, 10) - 1), LONGEST_PAUSE_SECONDS)
