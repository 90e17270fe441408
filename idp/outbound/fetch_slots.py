"""Slots for calls to hosts that clients chose: slow hosts of some clients hold neither all threads nor all slots.

Time is what a slow host takes from others, so time is what counts: a host that took long, whatever it answered, is left
alone, twice as long each time. One that fails at once costs nothing, and hosts that many clients share would suffer for
one wrong address on them. For the same reason another port is another host, and what was slow at one address of a host
closes the others only when a few of them were.
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
# Of a host that is left alone, so many more addresses may be found to be slow before it is left alone altogether.
MOST_SPARED: Final = 2
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_Origin = tuple[str, str, int | None]


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
    urls: set[str]
    spared: int = 0


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
        self._slow: dict[_Origin, _Slow] = {}
        self._lock = threading.Lock()

    def get(self, url: str, accept: str) -> FetchedDocument:
        """The document.

        Raises: FetchRefused, FetchFailed; FetchPostponed, when nothing was tried.
        """
        origin = _origin(url)
        spared = self._begin(origin, url)
        # Where there is doubt, nobody waits.
        if not self._slots.acquire(timeout=self._wait_seconds if spared is None else 0.0):
            if spared is not None:
                self._note_spared(spared, url, is_slow=False)
            raise FetchPostponed("no slot is free")
        began = self._monotonic()
        try:
            return self._http.get(url, accept)
        finally:
            self._slots.release()
            is_slow = self._monotonic() - began >= SLOW_SECONDS
            if spared is None:
                self._note(origin, url, is_slow=is_slow)
            else:
                self._note_spared(spared, url, is_slow=is_slow)

    def _begin(self, origin: _Origin, url: str) -> _Slow | None:
        """The pause in which this address is asked all the same; None where there is no pause."""
        with self._lock:
            slow = self._slow.get(origin)
            if slow is None or self._monotonic() >= slow.until:
                return None
            if url in slow.urls or slow.spared >= MOST_SPARED:
                raise FetchPostponed("the host was slow")
            slow.spared += 1
            return slow

    def _note_spared(self, pause: _Slow, url: str, *, is_slow: bool) -> None:
        # The pause neither ends nor grows by what another address did; one that was fast took nothing from it.
        with self._lock:
            if is_slow:
                pause.urls.add(url)
            else:
                pause.spared -= 1

    def _note(self, origin: _Origin, url: str, *, is_slow: bool) -> None:
        with self._lock:
            slow = self._slow.pop(origin, None)
            if not is_slow:
                return
            if len(self._slow) >= MOST_HOSTS:
                del self._slow[next(iter(self._slow))]
            times = 1 if slow is None else slow.times + 1
            self._slow[origin] = _Slow(times, self._monotonic() + pause_seconds(times), {url})


def pause_seconds(times: int) -> int:
    """How long somebody is left alone who made trouble so many times on end."""
    # Ten doublings are more than the longest; without a bound the power would grow with every failure.
    return min(FIRST_PAUSE_SECONDS << (min(times, 10) - 1), LONGEST_PAUSE_SECONDS)


def _origin(url: str) -> _Origin:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    return parts.scheme, parts.hostname or "", _DEFAULT_PORTS.get(parts.scheme) if port is None else port
