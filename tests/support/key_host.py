"""A client's host with its ``jwks_uri``: what it publishes, whether it answers, how often it was asked."""

import json
from typing import Any

from idp.oidc.registered_clients import RegisteredClients
from idp.outbound.guarded_http import FetchedDocument, FetchFailed
from idp.outbound.published_keys import PublishedKeys
from idp.stores.sql.sqlite import SqliteDatabase
from tests.support.provider import Provider

JWKS_URI = "https://rp.example/jwks"


class KeyHost:
    """Takes the network's place at the key sets of a provider; ``now`` is the clock that their lives are counted by."""

    def __init__(self, provider: Provider, *keys: dict[str, Any], max_age: int = 600) -> None:
        self.keys = list(keys)
        self.max_age = max_age
        self.is_up = True
        self.now = 1000.0
        self.asked = 0
        self._provider = provider
        clients = provider.parts.clients
        assert isinstance(clients, RegisteredClients)
        clients._key_sets = PublishedKeys(self, lambda: self.now)

    def get(self, url: str, accept: str) -> FetchedDocument:
        """The published set; asked for while the database is locked, it is a fault of the provider."""
        assert (url, self._is_database_locked()) == (JWKS_URI, False)
        self.asked += 1
        if not self.is_up:
            raise FetchFailed("ConnectTimeout")
        return FetchedDocument(json.dumps({"keys": self.keys}).encode(), "application/json", self.max_age)

    def _is_database_locked(self) -> bool:
        database = self._provider.parts.database
        assert isinstance(database, SqliteDatabase)
        return database._write_lock.locked()
