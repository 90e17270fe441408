"""Remembered consents: which scopes a person agreed to give a client."""

from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.column_value import join_words, split_words
from idp.stores.sql.database import Statements

_FIND: Final = "SELECT scope FROM consents WHERE account_id = ? AND client_id = ? AND expires_at > ?"
_SAVE: Final = """
INSERT INTO consents (account_id, client_id, scope, given_at, expires_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (account_id, client_id)
DO UPDATE SET scope = excluded.scope, given_at = excluded.given_at, expires_at = excluded.expires_at
"""
_DELETE: Final = "DELETE FROM consents WHERE account_id = ? AND client_id = ? RETURNING client_id"


class ConsentReads:
    """What is asked of consents outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_consent(self, account_id: str, client_id: str, now: datetime) -> frozenset[str] | None:
        """The scopes this person agreed to give this client, if remembered and not expired."""
        row = self._statements.read_one(_FIND, (account_id, client_id, to_epoch_seconds(now)))
        return None if row is None else frozenset(split_words(row[0]))


class ConsentWrites:
    """What a durable transaction does with consents."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def save_consent(
        self, account_id: str, client_id: str, scope: frozenset[str], now: datetime, expires_at: datetime
    ) -> None:
        """Remember what the person agreed to, in place of what was remembered before."""
        words = join_words(sorted(scope))
        row = (account_id, client_id, words, to_epoch_seconds(now), to_epoch_seconds(expires_at))
        self._statements.write(_SAVE, row)

    def delete_consent(self, account_id: str, client_id: str) -> bool:
        """Forget a consent; False if none was remembered."""
        return bool(self._statements.write(_DELETE, (account_id, client_id)))
