"""The journal of clients: the newest notes of each, for its developer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from idp.client_journal import ClientNote
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.stores.sql.database import Statements

NOTES_A_CLIENT: Final = 200
_KEPT: Final = timedelta(days=7)
# Anybody can name a client that is not there; of those nothing is kept.
_INSERT: Final = """
INSERT INTO client_notes (client_id, at, place, outcome, detail, reference, expires_at)
SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM clients WHERE client_id = ?)
"""
_DELETE_OLDEST: Final = """
DELETE FROM client_notes WHERE client_id = ? AND sequence <= (
    SELECT sequence FROM client_notes WHERE client_id = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?
)
"""
_LIST: Final = """
SELECT client_id, at, place, outcome, detail, reference FROM client_notes
WHERE client_id = ? AND expires_at > ? ORDER BY sequence DESC LIMIT ?
"""


class ClientNoteReads:
    """What is asked of the journal."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_client_notes(self, client_id: str, now: datetime, limit: int = NOTES_A_CLIENT) -> tuple[ClientNote, ...]:
        """A client's notes, newest first."""
        rows = self._statements.read_all(_LIST, (client_id, to_epoch_seconds(now), limit))
        return tuple(ClientNote(row[0], from_epoch_seconds(row[1]), *row[2:]) for row in rows)


class ClientNoteWrites:
    """What a durable transaction does with the journal."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_client_notes(self, notes: Sequence[ClientNote]) -> None:
        """Keep the notes of clients that are registered, for a week, and of each client the newest ones."""
        for note in notes:
            at, until = to_epoch_seconds(note.at), to_epoch_seconds(note.at + _KEPT)
            row = (note.client_id, at, note.where, note.outcome, note.detail, note.reference, until, note.client_id)
            self._statements.write(_INSERT, row)
        for client_id in dict.fromkeys(note.client_id for note in notes):
            self._statements.write(_DELETE_OLDEST, (client_id, client_id, NOTES_A_CLIENT))
