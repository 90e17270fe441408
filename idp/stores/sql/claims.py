"""Claims that grants release, sealed by whoever writes them, and the questions answered about a person."""

from datetime import datetime, timedelta
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.database import Statements

_FIND: Final = "SELECT sealed FROM released_claims WHERE grant_id = ?"
_INSERT: Final = "INSERT INTO released_claims (grant_id, sealed, credential_id) VALUES (?, ?, ?)"
# An update of the account's own row keeps a second counter waiting until this transaction ends, on every engine.
_LOCK_ACCOUNT: Final = "UPDATE accounts SET state = state WHERE account_id = ?"
_COUNT: Final = """
INSERT INTO answered_questions (account_id, sector, kind, name, answered_at)
SELECT ?, ?, ?, ?, CAST(? AS BIGINT)
WHERE (SELECT COUNT(*) FROM answered_questions
       WHERE account_id = ? AND sector = ? AND kind = ? AND name <> ? AND answered_at > ?) < ?
ON CONFLICT (account_id, sector, kind, name) DO UPDATE SET answered_at = excluded.answered_at
RETURNING answered_at
"""
# Whoever is answered again counts from today: else three old questions and three new ones fit into two days.
_ANSWER_AGAIN: Final = """
UPDATE answered_questions SET answered_at = ?
WHERE account_id = ? AND sector = ? AND kind = ? AND name = ? AND answered_at > ?
RETURNING answered_at
"""
_YEAR: Final = timedelta(days=365)


class ClaimReads:
    """What is asked of released claims outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_sealed_claims(self, grant_id: str) -> str | None:
        """What a grant releases, still sealed; None if it releases nothing about the person."""
        row = self._statements.read_one(_FIND, (grant_id,))
        return None if row is None else str(row[0])


class ClaimWrites:
    """What a durable transaction does with claims."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_sealed_claims(self, grant_id: str, sealed: str, credential_id: str | None = None) -> None:
        """Record what a grant releases, and the signing certificate that it comes from; it goes with the grant."""
        self._statements.write(_INSERT, (grant_id, sealed, credential_id))

    def count_question(self, account_id: str, sector: str, kind: str, name: str, limit: int, now: datetime) -> bool:
        """Whether a question may be answered; counted at once, under a lock on the account.

        True if this very question was answered within the last 365 days, or fewer than ``limit`` others of its kind.
        """
        self._statements.write(_LOCK_ACCOUNT, (account_id,))
        since, seconds = to_epoch_seconds(now - _YEAR), to_epoch_seconds(now)
        asked = (account_id, sector, kind, name)
        if self._statements.write(_ANSWER_AGAIN, (seconds, *asked, since)):
            return True
        return bool(self._statements.write(_COUNT, (*asked, seconds, *asked, since, limit)))
