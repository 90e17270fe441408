"""Which clients of a browser session are told of its end in the browser itself."""

from dataclasses import replace
from datetime import datetime

from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import GRANT, LATER, MINUTE, NOW, SESSION, make_client, register, sign_in

ORIGIN = SESSION.origin_hash


def framed(client_id: str, **changes: object) -> Client:
    options = ClientOptions(frontchannel_logout_uri="https://client.example/bye")
    return make_client(client_id=client_id, options=options, **changes)


def reach(
    store: DurableStore, client_id: str, *, session_hash: bytes = ORIGIN, at: datetime | None = NOW, name: str = ""
) -> None:
    """Give the client a code of the session, and let it redeem the code at a moment, or never."""
    name = name or client_id
    with store.writing() as writer:
        grant = replace(GRANT, grant_id=name, txn=name, client_id=client_id, session_hash=session_hash)
        writer.insert_grant(grant, name.encode(), LATER + 10 * MINUTE)
        if at is not None:
            assert writer.spend_code(name.encode(), client_id, at)


def test_the_clients_of_the_session_are_found_the_latest_first_and_once(place: Place, store: DurableStore) -> None:
    """Front-Channel Logout §3."""
    register(place.url, make_client(), framed("early"), framed("late"), framed("again"))
    sign_in(store)
    reach(store, "again")
    reach(store, "early", at=NOW + MINUTE)
    reach(store, "late", at=NOW + 2 * MINUTE)
    reach(store, "again", at=NOW + 3 * MINUTE, name="twice")
    assert store.find_frontchannel_clients("account", ORIGIN, 9) == ("again", "late", "early")


def test_they_are_found_when_the_session_is_over_too(place: Place, store: DurableStore) -> None:
    register(place.url, make_client(), framed("framed"))
    sign_in(store)
    reach(store, "framed")
    with store.writing() as writer:
        writer.end_browser_session(ORIGIN, NOW)
    assert store.find_frontchannel_clients("account", ORIGIN, 9) == ("framed",)


def test_nobody_else_is_found(place: Place, store: DurableStore) -> None:
    """Not who did not ask, who never redeemed its code, who is of another session, or is gone."""
    plain = make_client(
        client_id="back", options=ClientOptions(backchannel_logout_uri='https://x.example/"frontchannel_logout_uri":')
    )
    register(place.url, make_client(), plain, framed("unredeemed"), framed("elsewhere"), framed("framed"))
    sign_in(store)
    reach(store, "back")
    reach(store, "unredeemed", at=None)
    reach(store, "elsewhere", session_hash=b"e" * 32)
    reach(store, "framed")
    assert store.find_frontchannel_clients("account", ORIGIN, 9) == ("framed",)
    assert store.find_frontchannel_clients("another", ORIGIN, 9) == ()


def test_a_removed_client_is_not_found(place: Place, store: DurableStore, database: Database) -> None:
    register(place.url, make_client(), framed("framed"))
    sign_in(store)
    reach(store, "framed")
    database.write("DELETE FROM grants WHERE client_id = 'framed'")
    database.write("DELETE FROM clients WHERE client_id = 'framed'")
    assert store.find_frontchannel_clients("account", ORIGIN, 9) == ()


def test_clients_that_nobody_reviewed_do_not_crowd_out_the_others(place: Place, store: DurableStore) -> None:
    register(
        place.url, make_client(), framed("new-1"), framed("new-2"), framed("town", is_reviewed=True), framed("new-3")
    )
    sign_in(store)
    reach(store, "town")
    for number in (1, 2, 3):
        reach(store, f"new-{number}", at=NOW + number * MINUTE)
    assert store.find_frontchannel_clients("account", ORIGIN, 2) == ("town", "new-3")
