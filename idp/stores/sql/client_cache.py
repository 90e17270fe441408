"""Clients kept in memory for some seconds, because every request of a sign-in asks for the same one."""

import time
from collections.abc import Callable
from typing import Protocol

from idp.oidc.client import Client


class FindsClients(Protocol):
    """Where clients really are."""

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None."""
        ...


class CachedClientStore:
    """Answers that are at most ``cache_seconds`` old: for so long a removed or changed client works as before.

    Only clients that exist are kept, so what strangers ask for cannot fill the memory. With 0 nothing is kept.
    """

    def __init__(
        self, store: FindsClients, cache_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Client]] = {}

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None if it is not registered or was removed."""
        now = self._monotonic()
        known = self._known.get(client_id)
        if known is not None and now < known[0]:
            return known[1]
        client = self._store.find_client(client_id)
        if client is None:
            self._known.pop(client_id, None)
        elif self._cache_seconds > 0:
            self._known[client_id] = (now + self._cache_seconds, client)
        return client
