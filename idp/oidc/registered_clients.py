"""Clients and their keys as one thing to ask: whether keys were registered or are published is not the asker's matter.

Source: OIDC Registration §2 (``jwks``, ``jwks_uri``).
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from idp.oidc.client import Client

_NO_KEYS: Final[Mapping[str, Any]] = {"keys": []}


class FindsClients(Protocol):
    """Where the registrations are."""

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None."""
        ...


class KeySetSource(Protocol):
    """Key sets that clients publish."""

    def find_key_set(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any]:
        """The JWK Set at an address, checked as a registered one is; it may be some minutes old.

        Takes:  kid, the key that is looked for: where it is missing the address is asked again, within limits.
        Raises: ClientKeysUnavailable.
        """
        ...

    def find_key_set_at_hand(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any] | None:
        """The same without calling the address; None where it would be called, or somebody is calling it.

        Raises: ClientKeysUnavailable.
        """
        ...


class RegisteredClients:
    """Satisfies ``ports.ClientStore``.

    ``strangers_key_sets`` are asked for the keys of clients that nobody vouches for, so that their hosts keep nobody
    else waiting; None where they need not be kept apart.
    """

    def __init__(
        self, clients: FindsClients, key_sets: KeySetSource, strangers_key_sets: KeySetSource | None = None
    ) -> None:
        self._clients = clients
        self._key_sets = key_sets
        self._strangers_key_sets = strangers_key_sets or key_sets

    def find_client(self, client_id: str) -> Client | None:
        """The client, or None if it is not registered or was removed."""
        return self._clients.find_client(client_id)

    def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
        """The client's public keys, registered or published.

        Raises: ClientKeysUnavailable.
        """
        if client.options.jwks_uri is not None:
            return self._key_sets_of(client).find_key_set(client.options.jwks_uri, kid)
        return client.jwks or _NO_KEYS

    def find_keys_at_hand(self, client: Client, kid: str | None = None) -> Mapping[str, Any] | None:
        """The same without calling anybody; None where somebody would be called.

        Raises: ClientKeysUnavailable.
        """
        if client.options.jwks_uri is not None:
            return self._key_sets_of(client).find_key_set_at_hand(client.options.jwks_uri, kid)
        return client.jwks or _NO_KEYS

    def _key_sets_of(self, client: Client) -> KeySetSource:
        return self._strangers_key_sets if client.is_untrusted else self._key_sets
