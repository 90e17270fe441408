"""The journal of clients on every engine: registered clients only, the newest only, for a week."""

from datetime import timedelta

import pytest

from idp.client_journal import ClientNote
from idp.stores.sql.client_notes import NOTES_A_CLIENT
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import NOW, register

WEEK = timedelta(days=7)


@pytest.fixture
def registered(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    return store


def note(outcome: str, client_id: str = "client") -> ClientNote:
    return ClientNote(client_id, NOW, "POST /token", outcome, "detail", "REFERENCE2")


def write(store: DurableStore, *notes: ClientNote) -> None:
    with store.writing() as writer:
        writer.insert_client_notes(notes)


def test_notes_are_read_newest_first_for_a_week(registered: DurableStore) -> None:
    write(registered, note("answered"), note("invalid_grant"))
    assert registered.list_client_notes("client", NOW) == (note("invalid_grant"), note("answered"))
    assert registered.list_client_notes("client", NOW, 1) == (note("invalid_grant"),)
    assert registered.list_client_notes("client", NOW + WEEK) == ()
    assert registered.purge_expired(NOW + WEEK, 10)["client_notes"] == 2


def test_of_a_client_that_is_not_registered_nothing_is_kept(registered: DurableStore) -> None:
    write(registered, note("invalid_client", "nobody"), note("answered"))
    assert registered.list_client_notes("nobody", NOW) == ()
    assert len(registered.list_client_notes("client", NOW)) == 1


def test_of_many_the_oldest_go(registered: DurableStore) -> None:
    write(registered, *(note(str(number)) for number in range(NOTES_A_CLIENT + 3)))
    kept = registered.list_client_notes("client", NOW, 10 * NOTES_A_CLIENT)
    assert [kept[0].outcome, kept[-1].outcome] == [str(NOTES_A_CLIENT + 2), "3"]
