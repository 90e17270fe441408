"""Where a client's keys are is not the asker's matter."""

from collections.abc import Mapping
from typing import Any

import pytest

from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import ClientKeysUnavailable
from idp.oidc.registered_clients import RegisteredClients
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import make_assertion_client, make_client

PUBLISHED = {"keys": [{"kty": "EC"}]}


class KeySets:
    def find_key_set(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any]:
        if jwks_uri != "https://rp.example/jwks":
            raise ClientKeysUnavailable
        return {**PUBLISHED, "asked": kid}

    def find_key_set_at_hand(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any] | None:
        return None if kid == "new" else PUBLISHED


REGISTERED = make_assertion_client()
PUBLISHING = make_assertion_client(
    client_id="published", jwks=None, options=ClientOptions(jwks_uri="https://rp.example/jwks")
)
GONE = make_assertion_client(client_id="gone", jwks=None, options=ClientOptions(jwks_uri="https://gone.example/jwks"))
CLIENTS = RegisteredClients(MemoryClients(REGISTERED, PUBLISHING), KeySets())


def test_registered_clients_are_found_and_others_are_not() -> None:
    assert CLIENTS.find_client("published") is PUBLISHING
    assert CLIENTS.find_client("stranger") is None


def test_registered_keys_published_keys_and_none() -> None:
    assert CLIENTS.find_keys(REGISTERED, "any") == REGISTERED.jwks
    assert CLIENTS.find_keys(PUBLISHING, "new") == {**PUBLISHED, "asked": "new"}
    assert CLIENTS.find_keys(make_client()) == {"keys": []}


def test_keys_that_are_registered_are_at_hand_and_published_ones_where_nobody_need_be_called() -> None:
    assert CLIENTS.find_keys_at_hand(REGISTERED, "new") == REGISTERED.jwks
    assert CLIENTS.find_keys_at_hand(make_client()) == {"keys": []}
    assert CLIENTS.find_keys_at_hand(PUBLISHING) == PUBLISHED
    assert CLIENTS.find_keys_at_hand(PUBLISHING, "new") is None


def test_keys_that_cannot_be_had_are_not_no_keys() -> None:
    with pytest.raises(ClientKeysUnavailable):
        CLIENTS.find_keys(GONE)


def test_keys_of_a_client_that_nobody_vouches_for_are_asked_for_apart() -> None:
    class Strangers:
        def find_key_set(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any]:
            return {"keys": [], "asked": "apart"}

        def find_key_set_at_hand(self, jwks_uri: str, kid: str | None) -> Mapping[str, Any] | None:
            return {"keys": [], "at hand": "apart"}

    options = ClientOptions(jwks_uri="https://rp.example/jwks", is_self_registered=True)
    clients = RegisteredClients(MemoryClients(), KeySets(), Strangers())
    stranger = make_assertion_client(jwks=None, options=options, is_reviewed=False)
    reviewed = make_assertion_client(jwks=None, options=options, is_reviewed=True)
    assert clients.find_keys(stranger)["asked"] == "apart"
    assert clients.find_keys_at_hand(stranger) == {"keys": [], "at hand": "apart"}
    assert clients.find_keys(reviewed, "new")["asked"] == "new"
