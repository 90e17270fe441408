"""Canaries of the look-up keys: with a wrong key everyone would become a new person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.database import Statements

_FIND: Final = "SELECT canary FROM lookup_key_canaries WHERE lookup_key_id = ?"
_INSERT: Final = """
INSERT INTO lookup_key_canaries (lookup_key_id, canary, created_at) VALUES (?, ?, ?)
ON CONFLICT (lookup_key_id) DO NOTHING
"""
_COUNT: Final = """
SELECT lookup_key_id, COUNT(*) FROM (
    SELECT lookup_key_id FROM credentials UNION ALL SELECT lookup_key_id FROM account_links
) AS stored GROUP BY lookup_key_id
"""


class LookupKeyCanaryTable:
    """The stored canaries."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_canary(self, key_id: str) -> bytes | None:
        """The stored canary of a key, or None if the key is new."""
        row = self._statements.read_one(_FIND, (key_id,))
        return None if row is None else bytes(row[0])

    def insert_canary(self, key_id: str, canary: bytes, now: datetime) -> None:
        """Record a new key's canary; one that is stored already stays as it is (two processes may start together)."""
        self._statements.write(_INSERT, (key_id, canary, to_epoch_seconds(now)))

    def count_credentials_by_key(self) -> Mapping[str, int]:
        """How many credentials and links are stored under each look-up key; ids with none are left out."""
        return {row[0]: row[1] for row in self._statements.read_all(_COUNT)}
