"""Notes wait in memory, and of too many the oldest go."""

from datetime import UTC, datetime

from idp.client_journal import ClientJournal, ClientNote

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_what_waits_is_given_once_in_order_and_bounded() -> None:
    journal = ClientJournal(most_waiting=2)
    notes = [ClientNote("rp", NOW, "POST /token", outcome) for outcome in ("one", "two", "three")]
    for note in notes:
        journal.note(note)
    assert journal.drain() == tuple(notes[1:])
    assert journal.drain() == ()
