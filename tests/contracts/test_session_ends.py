"""Whatever ends a session, the clients that it reached are owed a logout token, in the same transaction."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.identity.account import Account, AccountState
from idp.oidc.client_options import ClientOptions
from idp.oidc.session_id import session_id
from idp.ops.purge import purge
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore, DurableWriter
from idp.stores.transient.open import open_transient
from tests.contracts.conftest import Place
from tests.contracts.records import CLIENT, CODE, GRANT, LATER, MINUTE, NOW, SESSION, make_client, register, sign_in

ORIGIN = SESSION.origin_hash
TOLD = ClientOptions(backchannel_logout_uri="https://client.example/logout")
End = Callable[[DurableWriter], object]

ENDS: dict[str, End] = {
    "sign out": lambda writer: writer.end_browser_session(ORIGIN, NOW),
    "another account in this browser": lambda writer: writer.succeed_browser_session(ORIGIN, "another", NOW),
    "everywhere, suspended, merged": lambda writer: writer.end_account_sessions("account", NOW),
    "revoked card": lambda writer: writer.revoke_credential("credential", NOW),
    "reported lost": lambda writer: writer.suspend_credential("credential", NOW),
    "moved to another account": lambda writer: (
        writer.insert_account(Account("another", AccountState.ACTIVE, NOW)),
        writer.move_credential("credential", "another", NOW),
    ),
    "found on a list": lambda writer: writer.revoke_listed_credentials(("credential",), NOW),
    "on hold": lambda writer: writer.end_credential_sign_ins(("credential",), NOW),
    "deleted": lambda writer: writer.erase_account("account", NOW),
}


def owed(database: Database) -> set[tuple[str, str, str]]:
    rows = database.read_all("SELECT client_id, sub, sid FROM logout_deliveries")
    assert len(set(rows)) == len(rows)
    return {(row[0], row[1], row[2]) for row in rows}


def signed_in(place: Place, store: DurableStore, *, redeemed: bool = True, options: ClientOptions = TOLD) -> None:
    register(place.url, make_client(options=options))
    sign_in(store)
    if redeemed:
        with store.writing() as writer:
            assert writer.spend_code(CODE, "client", NOW)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_every_end_of_a_session_is_told_to_the_clients_that_it_reached(
    end: End, place: Place, store: DurableStore, database: Database
) -> None:
    """Back-Channel Logout §2.3."""
    signed_in(place, store)
    with store.writing() as writer:
        end(writer)
    assert owed(database) == {("client", "subject", session_id(ORIGIN, "client"))}
    assert store.find_browser_session(ORIGIN, NOW) is None


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_end_that_is_rolled_back_is_told_to_nobody(
    end: End, place: Place, store: DurableStore, database: Database
) -> None:
    signed_in(place, store)
    with contextlib.suppress(ZeroDivisionError), store.writing() as writer:
        end(writer)
        raise ZeroDivisionError
    assert owed(database) == set()
    assert store.find_browser_session(ORIGIN, NOW) is not None


def test_nobody_is_told_who_did_not_ask_or_never_learnt_of_the_session(
    place: Place, store: DurableStore, database: Database
) -> None:
    signed_in(place, store, redeemed=False)
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, NOW)
        assert writer.spend_code(CODE, "client", NOW) is None
    assert owed(database) == set()


def test_a_client_without_an_address_is_owed_nothing(place: Place, store: DurableStore, database: Database) -> None:
    signed_in(place, store, options=CLIENT.options)
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, NOW)
    assert owed(database) == set()


def test_a_session_that_had_run_out_is_told_to_nobody(place: Place, store: DurableStore, database: Database) -> None:
    signed_in(place, store)
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, SESSION.expires_at)
    assert owed(database) == set()


def test_the_same_person_again_carries_the_session_on(place: Place, store: DurableStore, database: Database) -> None:
    signed_in(place, store)
    with store.writing() as writer:
        assert writer.succeed_browser_session(ORIGIN, "account", NOW) == ORIGIN
        writer.insert_browser_session(replace(SESSION, session_hash=b"2" * 32))
        assert writer.succeed_browser_session(b"2" * 32, "account", NOW) == ORIGIN
        writer.insert_browser_session(replace(SESSION, session_hash=b"3" * 32))
    assert owed(database) == set()
    with store.writing() as writer:
        writer.end_browser_session(b"3" * 32, NOW)
    assert owed(database) == {("client", "subject", session_id(ORIGIN, "client"))}


def test_a_session_of_a_version_before_is_its_own_origin(place: Place, store: DurableStore, database: Database) -> None:
    signed_in(place, store)
    database.write("UPDATE browser_sessions SET origin_hash = NULL")
    assert store.find_browser_session(ORIGIN, NOW) == SESSION
    with store.writing() as writer:
        assert writer.succeed_browser_session(ORIGIN, "account", NOW) == ORIGIN


def test_tokens_end_with_their_session_but_for_offline_access(place: Place, store: DurableStore) -> None:
    """Back-Channel Logout §2.7."""
    signed_in(place, store)
    online = replace(GRANT, grant_id="online", txn="online", scope=("openid",))
    with store.writing() as writer:
        writer.insert_grant(online, b"o" * 32, LATER)
        assert writer.spend_code(b"o" * 32, "client", NOW)
        for grant_id in ("grant", "online"):
            writer.insert_access_token(grant_id.encode(), grant_id, ("openid",), NOW, LATER)
        writer.insert_refresh_token(b"r", "grant", GRANT.scope, NOW, LATER)
        writer.end_browser_session(ORIGIN, NOW)
    assert store.find_access_token(b"online", NOW) is None
    assert store.find_access_token(b"grant", NOW) is not None
    with store.writing() as writer:
        assert writer.spend_refresh_token(b"r", "client", NOW) is not None


def test_a_session_of_two_cards_ends_for_all_its_clients_with_the_second_card(
    place: Place, store: DurableStore, database: Database
) -> None:
    signed_in(place, store)
    with store.writing() as writer:
        writer.succeed_browser_session(ORIGIN, "account", NOW)
        writer.insert_browser_session(replace(SESSION, session_hash=b"2" * 32))
    database.write(
        "INSERT INTO credentials (credential_id, account_id, lookup_key_id, lookup_digest, profile, kind, valid_until,"
        " state, state_changed_at, first_seen_at, last_seen_at) SELECT 'phone', account_id, 'key-9', lookup_digest,"
        " profile, kind, valid_until, state, state_changed_at, first_seen_at, last_seen_at FROM credentials"
    )
    database.write("UPDATE browser_sessions SET credential_id = 'phone'")
    with store.writing() as writer:
        writer.revoke_credential("phone", NOW)
    assert owed(database) == {("client", "subject", session_id(ORIGIN, "client"))}


def test_a_client_with_tokens_of_its_own_hears_of_a_revoked_card_after_the_session_was_over(
    place: Place, store: DurableStore, database: Database
) -> None:
    signed_in(place, store)
    with store.writing() as writer:
        writer.revoke_credential("credential", SESSION.expires_at + MINUTE)
    assert owed(database) == {("client", "subject", session_id(ORIGIN, "client"))}


def test_a_session_remembers_its_clients_after_their_tokens_are_gone(
    place: Place, store: DurableStore, database: Database
) -> None:
    """Back-Channel Logout §2.3; what was released about the person goes with the tokens all the same."""
    signed_in(place, store)
    transient = open_transient(place.url)
    with store.writing() as writer:
        writer.insert_access_token(b"a", "grant", ("openid",), NOW, LATER)
        writer.insert_sealed_claims("grant", "sealed")
    late = SESSION.expires_at - timedelta(seconds=1)
    assert purge(store, transient, late)["grants"] == 0
    assert store.find_sealed_claims("grant") is None
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, late)
    assert len(owed(database)) == 1
    assert purge(store, transient, SESSION.expires_at)["grants"] == 1
    assert purge(store, transient, late + timedelta(days=30))["logout_deliveries"] == 1
    transient.close()


def test_removing_a_client_takes_what_it_is_owed(place: Place, store: DurableStore, database: Database) -> None:
    signed_in(place, store)
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, NOW)
    database.write("DELETE FROM clients")
    assert owed(database) == set()
