"""Fixed-window limits for public endpoints, counted on the transient store for all workers together.

A worker takes leases of several requests at once, so that a request does not cost a write; what a worker that ends had
not used is lost, which makes a limit stricter, never looser. Leases begin small and grow with use: many workers, and
restarts one after another, would otherwise hold a caller's whole limit between them.
"""

import hashlib
import ipaddress
import threading
from datetime import timedelta
from functools import lru_cache
from typing import Final

from idp.clock import Clock, from_epoch_seconds, to_epoch_seconds
from idp.signin.transient import TransientStore

WINDOW_SECONDS: Final = 60
_KIND: Final = "rate"
_FIRST_LEASE_PART: Final = 64
_LARGEST_LEASE_PART: Final = 8
_REMEMBERED: Final = 50_000


class TooManyRequests(Exception):
    """The window's requests are used up; ``is_first`` says that in this process and window nobody was told before."""

    detail = ""

    def __init__(self, retry_after_seconds: int, *, is_first: bool = False) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds
        self.is_first = is_first


class _Lease:
    """What one caller may still spend in a window; -1 left means that the window is used up."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.left = 0
        self.size = 0
        self.lock = threading.Lock()


class RateLimiter:
    """Counts requests by group and caller."""

    def __init__(self, transient: TransientStore, clock: Clock) -> None:
        self._transient = transient
        self._clock = clock
        self._leases: dict[tuple[str, str], _Lease] = {}
        self._lock = threading.Lock()

    def check(self, group: str, caller: str, limit_per_minute: int) -> None:
        """Count one request.

        Takes:  caller, an address, a client or both; an address alone is coarsened.
        Raises: TooManyRequests with the seconds until the next window.
        """
        seconds = to_epoch_seconds(self._clock())
        window = seconds // WINDOW_SECONDS
        name = (group, coarsen(caller))
        lease = self._find_lease(name, window)
        is_first = False
        # A lock for each caller: one that waits for the store keeps nobody else waiting.
        with lease.lock:
            if lease.left == 0:
                lease.size = _grow(lease.size, limit_per_minute)
                lease.left = self._take_lease(name, lease, limit_per_minute)
                is_first = lease.left < 0
            if lease.left < 0:
                raise TooManyRequests(WINDOW_SECONDS - seconds % WINDOW_SECONDS, is_first=is_first)
            lease.left -= 1

    def check_unspent(self, group: str, caller: str) -> None:
        """Count nothing, but refuse whom this process has refused in this window.

        Raises: TooManyRequests.
        """
        seconds = to_epoch_seconds(self._clock())
        lease = self._leases.get((group, coarsen(caller)))
        if lease is not None and lease.left < 0 and lease.window == seconds // WINDOW_SECONDS:
            raise TooManyRequests(WINDOW_SECONDS - seconds % WINDOW_SECONDS)

    def _find_lease(self, name: tuple[str, str], window: int) -> _Lease:
        with self._lock:
            lease = self._leases.get(name)
            if lease is None or lease.window != window:
                if len(self._leases) >= _REMEMBERED:
                    self._leases.clear()
                lease = self._leases[name] = _Lease(window)
            return lease

    def _take_lease(self, name: tuple[str, str], lease: _Lease, limit: int) -> int:
        # -1 is remembered until the window ends, so that a flood does not reach the store.
        window, size = lease.window, lease.size
        ends_at = from_epoch_seconds((window + 1) * WINDOW_SECONDS) + timedelta(seconds=1)
        key = hashlib.sha256("\x00".join((*name, str(window))).encode("utf-8", "replace")).hexdigest()
        taken = self._transient.count(_KIND, key, size, ends_at, self._clock())
        left = min(size, limit - (taken - size))
        return left if left > 0 else -1


def _grow(size: int, limit: int) -> int:
    if size == 0:
        return max(1, limit // _FIRST_LEASE_PART)
    return min(2 * size, max(1, limit // _LARGEST_LEASE_PART))


@lru_cache(maxsize=4096)
def coarsen(caller: str) -> str:
    """Who counts as one caller: for an IPv6 address its /56, which one customer usually has; else the text as given."""
    try:
        address = ipaddress.ip_address(caller)
    except ValueError:
        return caller
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 56), strict=False))
    return str(address)
