"""Clients' key sets at their ``jwks_uri``, kept in this process: rollover works, and nobody can make us hammer a host.

A set is fresh for as long as its host says, between one minute and one hour, else five minutes. Within that time an
unknown ``kid`` asks the host again. No address is asked more than once in 30 seconds, whatever came of it. A set that
cannot be had anew is used for one more hour. What a client takes out of its set works until then at the longest.

Source: OIDC Core §10.1.1 (rotation of signing keys).
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from idp.log import log_line
from idp.oidc.errors import ClientKeysUnavailable
from idp.oidc.key_set_document import KeySetUnusable, parse_key_set_document
from idp.outbound.guarded_http import FetchedDocument, FetchFailed, FetchRefused

ACCEPT: Final = "application/jwk-set+json, application/json"
LEAST_FRESH_SECONDS: Final = 60
DEFAULT_FRESH_SECONDS: Final = 300
MOST_FRESH_SECONDS: Final = 3600
GRACE_SECONDS: Final = 3600
RETRY_SECONDS: Final = 30
# Slow hosts of a few clients must not hold the threads that serve all others.
MOST_FETCHES_AT_ONCE: Final = 2
_MOST_ADDRESSES: Final = 1000
_WAIT_SECONDS: Final = 2.0


class FetchesDocuments(Protocol):
    """``outbound.guarded_http.GuardedHttp``."""

    def get(self, url: str, accept: str) -> FetchedDocument:
        """The document, or FetchRefused, FetchFailed."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    key_set: Mapping[str, Any]
    fresh_until: float
    usable_until: float

    def has(self, kid: str | None) -> bool:
        return kid is None or any(jwk.get("kid", kid) == kid for jwk in self.key_set["keys"])


@dataclass(slots=True)
class _Place:
    """One address: ``lock`` is held by whoever is asking it; ``known`` is replaced whole."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    known: _Known | None = None
    next_try_at: float = float("-inf")


class PublishedKeys:
    """Satisfies ``oidc.registered_clients.KeySetSource``; times are of a clock that only runs forward."""

    def __init__(self, http: FetchesDocuments, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._monotonic = monotonic
        self._places: dict[str, _Place] = {}
        self._places_lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MOST_FETCHES_AT_ONCE)

    def find_key_set(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any]:
        """The JWK Set at an address, fetched or from memory.

        Raises: ClientKeysUnavailable: never had, or too long ago.
        """
        place = self._place(jwks_uri)
        known, now = place.known, self._monotonic()
        if known is not None and now < known.fresh_until and known.has(kid):
            return known.key_set
        self._ask_again(jwks_uri, place, kid)
        known = place.known
        if known is None or self._monotonic() >= known.usable_until:
            raise ClientKeysUnavailable(f"no key set from {_host(jwks_uri)}")
        return known.key_set

    def _place(self, jwks_uri: str) -> _Place:
        with self._places_lock:
            place = self._places.get(jwks_uri)
            if place is None:
                if len(self._places) >= _MOST_ADDRESSES:
                    # First whoever never answered: addresses are cheap to register, and must not push out good keys.
                    useless = (address for address, each in self._places.items() if each.known is None)
                    del self._places[next(useless, next(iter(self._places)))]
                place = self._places[jwks_uri] = _Place()
            return place

    def _ask_again(self, jwks_uri: str, place: _Place, kid: str | None) -> None:
        known, now = place.known, self._monotonic()
        if now < place.next_try_at:
            return
        # Who can go on with what is known does not wait for whoever is asking already.
        is_served = known is not None and now < known.usable_until and known.has(kid)
        if not (place.lock.acquire(blocking=False) if is_served else place.lock.acquire(timeout=_WAIT_SECONDS)):
            return
        try:
            if self._monotonic() >= place.next_try_at and self._slots.acquire(timeout=_WAIT_SECONDS):
                try:
                    self._fetch(jwks_uri, place)
                finally:
                    self._slots.release()
        finally:
            place.lock.release()

    def _fetch(self, jwks_uri: str, place: _Place) -> None:
        try:
            document = self._http.get(jwks_uri, ACCEPT)
            key_set = parse_key_set_document(document.body)
        except (FetchRefused, FetchFailed, KeySetUnusable) as error:
            log_line("key_set_unusable", "warning", source=_host(jwks_uri), detail=str(error))
        else:
            now = self._monotonic()
            fresh_until = now + _fresh_seconds(document.max_age_seconds)
            place.known = _Known(key_set, fresh_until, fresh_until + GRACE_SECONDS)
        finally:
            # Also after a fault that nobody foresaw; not before the call, or who waits for its end would not wait.
            place.next_try_at = self._monotonic() + RETRY_SECONDS


def _fresh_seconds(max_age_seconds: int | None) -> int:
    if max_age_seconds is None:
        return DEFAULT_FRESH_SECONDS
    return min(max(max_age_seconds, LEAST_FRESH_SECONDS), MOST_FRESH_SECONDS)


def _host(jwks_uri: str) -> str:
    return urlsplit(jwks_uri).hostname or ""
