"""Codes and tokens that are bound to a key, on every engine."""

from dataclasses import replace

import pytest

from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.confirmation import Confirmation
from idp.oidc.grant import SpentCode
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import CODE, GRANT, LATER, MINUTE, NOW, register, sign_in

TOKEN = b"t" * 32
KEY = Confirmation(jkt="j" * 43)


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    sign_in(store, replace(GRANT, dpop_jkt=KEY.jkt))
    return store


def test_f12_a_grant_keeps_the_key_that_its_code_is_bound_to(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        spent = writer.spend_code(CODE, "client", NOW)
    assert spent == SpentCode(replace(GRANT, dpop_jkt=KEY.jkt))


@pytest.mark.parametrize("confirmation", [KEY, None])
def test_r13_a_token_keeps_the_key_that_it_is_bound_to(
    signed_in: DurableStore, confirmation: Confirmation | None
) -> None:
    with signed_in.writing() as writer:
        writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER, confirmation)
        writer.insert_refresh_token(TOKEN, "grant", ("openid",), NOW, LATER, confirmation)
        found = writer.find_refresh_token(TOKEN, "client")
        spent = writer.spend_refresh_token(TOKEN, "client", NOW)
    live = signed_in.find_access_token(TOKEN, NOW)
    assert live is not None
    assert found is not None
    assert spent is not None
    assert {live.confirmation, found.confirmation, spent.confirmation} == {confirmation}


def test_f9_a_refresh_token_that_is_kept_lives_longer(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        writer.insert_refresh_token(TOKEN, "grant", ("openid",), NOW, LATER, KEY)
        assert writer.extend_refresh_token(TOKEN, NOW, NOW + 9 * MINUTE)
        found = writer.find_refresh_token(TOKEN, "client")
    assert found is not None
    assert (found.expires_at, found.spent_at) == (NOW + 9 * MINUTE, None)


def test_a_spent_or_expired_refresh_token_does_not_live_longer(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        writer.insert_refresh_token(TOKEN, "grant", ("openid",), NOW, LATER, KEY)
        assert not writer.extend_refresh_token(TOKEN, LATER, LATER + MINUTE)
        assert writer.spend_refresh_token(TOKEN, "client", NOW)
        assert not writer.extend_refresh_token(TOKEN, NOW, LATER)
        assert not writer.extend_refresh_token(b"u" * 32, NOW, LATER)


def test_r14_a_grant_and_a_token_keep_the_resources_they_are_for(place: Place, store: DurableStore) -> None:
    register(place.url)
    grant = replace(GRANT, resources=("https://api.example", "https://other.example"))
    sign_in(store, grant)
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) == SpentCode(grant)
        writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER, None, ("https://api.example",))
        writer.insert_access_token(b"u" * 32, "grant", ("openid",), NOW, LATER)
    found = [store.find_access_token(token_hash, NOW) for token_hash in (TOKEN, b"u" * 32)]
    assert [live and live.audience for live in found] == [("https://api.example",), ()]


def test_a_token_has_its_own_details_or_those_of_its_grant(place: Place, store: DurableStore) -> None:
    """RFC 9396 §7."""
    register(place.url)
    granted, narrowed = AuthorizationDetails('[{"type":"a"},{"type":"図"}]'), AuthorizationDetails('[{"type":"図"}]')
    sign_in(store, replace(GRANT, authorization_details=granted))
    none = AuthorizationDetails("[]")
    with store.writing() as writer:
        for number, details in enumerate((narrowed, none, None)):
            hashed = bytes([number]) * 32
            writer.insert_access_token(hashed, "grant", ("openid",), NOW, LATER, authorization_details=details)
    found = [store.find_access_token(bytes([number]) * 32, NOW) for number in range(3)]
    assert [live and live.authorization_details for live in found] == [narrowed, none, granted]
