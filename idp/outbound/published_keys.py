"""Clients' key sets at their ``jwks_uri``, kept in this process: rollover works, and nobody can make us hammer a host.

A set is fresh for as long as its host says, between one minute and one hour, else five minutes. Within that time an
unknown ``kid`` asks the host again, and a set that is in use in its last quarter is asked for beside the requests. No
address is asked more than once in 30 seconds, and one that fails twice as late each time, up to five minutes. A set
that cannot be had anew is used for one more hour. What a client takes out of its set works until then at the longest.

Source: OIDC Core §10.1.1 (rotation of signing keys).
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from idp.log import log_line
from idp.oidc.errors import ClientKeysUnavailable
from idp.oidc.key_set_document import KeySetUnusable, parse_key_set_document
from idp.outbound.fetch_slots import FIRST_PAUSE_SECONDS, FetchesDocuments, FetchPostponed, SlottedHttp, pause_seconds
from idp.outbound.guarded_http import FetchFailed, FetchRefused
from idp.outbound.registered_documents import open_guarded_http
from idp.settings.section import OutboundSection

ACCEPT: Final = "application/jwk-set+json, application/json"
LEAST_FRESH_SECONDS: Final = 60
DEFAULT_FRESH_SECONDS: Final = 300
MOST_FRESH_SECONDS: Final = 3600
GRACE_SECONDS: Final = 3600
RETRY_SECONDS: Final = FIRST_PAUSE_SECONDS
REFRESH_AFTER: Final = 0.75
# Slow hosts of a few clients must not hold the threads that serve all others.
MOST_FETCHES_AT_ONCE: Final = 2
MOST_REFRESHES_AT_ONCE: Final = 2
_MOST_ASKING: Final = 64
_MOST_ADDRESSES: Final = 1000
_WAIT_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Known:
    key_set: Mapping[str, Any]
    refresh_from: float
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
    failures: int = 0


def run_beside(work: Callable[[], None]) -> None:
    """Run something that nobody waits for, in a thread that ends with it and keeps no process from ending."""
    threading.Thread(target=work, name="jwks", daemon=True).start()


class PublishedKeys:
    """Satisfies ``oidc.registered_clients.KeySetSource``; times are of a clock that only runs forward.

    ``most_asking`` requests at once fetch or wait for whoever fetches; more are told at once that there is nothing.
    ``beside`` runs something that nobody waits for.
    """

    def __init__(
        self,
        http: FetchesDocuments,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        most_asking: int = _MOST_ASKING,
        beside: Callable[[Callable[[], None]], None] = run_beside,
    ) -> None:
        self._http = http
        self._monotonic = monotonic
        self._beside = beside
        self._asking = threading.BoundedSemaphore(most_asking)
        self._refreshing = threading.BoundedSemaphore(MOST_REFRESHES_AT_ONCE)
        self._places: dict[str, _Place] = {}
        self._places_lock = threading.Lock()

    def find_key_set(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any]:
        """The JWK Set at an address, fetched or from memory.

        Raises: ClientKeysUnavailable: never had, or too long ago.
        """
        key_set = self.find_key_set_at_hand(jwks_uri, kid)
        if key_set is not None:
            return key_set
        place = self._place(jwks_uri)
        if self._asking.acquire(blocking=False):
            try:
                self._ask_again(jwks_uri, place, kid)
            finally:
                self._asking.release()
        return self._usable(jwks_uri, place)

    def find_key_set_at_hand(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any] | None:
        """The JWK Set from memory; None where its address would be asked, or somebody is asking it.

        Raises: ClientKeysUnavailable: never had, or too long ago, and the address is not to be asked yet.
        """
        place = self._place(jwks_uri)
        known, now = place.known, self._monotonic()
        if known is not None and now < known.fresh_until and known.has(kid):
            if now >= known.refresh_from:
                self._refresh_ahead(jwks_uri, place)
            return known.key_set
        return self._usable(jwks_uri, place) if now < place.next_try_at else None

    def _usable(self, jwks_uri: str, place: _Place) -> Mapping[str, Any]:
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
            if self._monotonic() >= place.next_try_at:
                self._fetch(jwks_uri, place)
        finally:
            place.lock.release()

    def _refresh_ahead(self, jwks_uri: str, place: _Place) -> None:
        if self._monotonic() < place.next_try_at or not self._refreshing.acquire(blocking=False):
            return
        if not place.lock.acquire(blocking=False):
            self._refreshing.release()
            return

        def let_go() -> None:
            place.lock.release()
            self._refreshing.release()

        def refresh() -> None:
            try:
                self._fetch(jwks_uri, place)
            except Exception as error:  # nobody is there to be told, and its message may name what was fetched
                log_line("key_set_unusable", "error", source=_host(jwks_uri), exception=type(error).__name__)
            finally:
                let_go()

        try:
            self._beside(refresh)
        except RuntimeError:  # no thread can be started: the set is asked for when it has expired, as ever
            let_go()

    def _fetch(self, jwks_uri: str, place: _Place) -> None:
        wait_seconds = pause_seconds(place.failures + 1)
        try:
            document = self._http.get(jwks_uri, ACCEPT)
            key_set = parse_key_set_document(document.body)
        except FetchPostponed:
            # Nothing was tried, and it was not this address's fault: it need not wait for its next turn.
            wait_seconds = 0
        except (FetchRefused, FetchFailed, KeySetUnusable) as error:
            place.failures += 1
            log_line("key_set_unusable", "warning", source=_host(jwks_uri), detail=str(error))
        else:
            now, fresh_seconds = self._monotonic(), _fresh_seconds(document.max_age_seconds)
            fresh_until = now + fresh_seconds
            refresh_from = now + REFRESH_AFTER * fresh_seconds
            place.known = _Known(key_set, refresh_from, fresh_until, fresh_until + GRACE_SECONDS)
            place.failures, wait_seconds = 0, RETRY_SECONDS
        finally:
            # Also after a fault that nobody foresaw; not before the call, or who waits for its end would not wait.
            place.next_try_at = self._monotonic() + wait_seconds


def open_published_keys(section: OutboundSection, *, is_local: bool, are_strangers: bool) -> PublishedKeys:
    """Clients' key sets, with slots, memory and name resolution of their own.

    Takes: are_strangers, whether the clients are such as nobody vouches for. Their requests do not wait for a slot, and
           no more of them wait for a host than there are slots.
    """
    http = SlottedHttp(
        open_guarded_http(section, is_local=is_local),
        most_at_once=MOST_FETCHES_AT_ONCE,
        wait_seconds=0.0 if are_strangers else _WAIT_SECONDS,
    )
    return PublishedKeys(http, most_asking=MOST_FETCHES_AT_ONCE if are_strangers else _MOST_ASKING)


def _fresh_seconds(max_age_seconds: int | None) -> int:
    if max_age_seconds is None:
        return DEFAULT_FRESH_SECONDS
    return min(max(max_age_seconds, LEAST_FRESH_SECONDS), MOST_FRESH_SECONDS)


def _host(jwks_uri: str) -> str:
    return urlsplit(jwks_uri).hostname or ""
