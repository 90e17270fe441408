"""Deleting expired rows, a batch at a time, each batch a transaction of its own."""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.database import Statements

_TABLES: Final = (
    # table, key, column by which a row has ended; tokens before the grants they hang on
    ("access_tokens", "token_hash", "expires_at"),
    ("refresh_tokens", "token_hash", "expires_at"),
    ("browser_sessions", "session_hash", "expires_at"),
    ("signing_keys", "kid", "published_until"),
    ("link_requests", "request_id", "expires_at"),
    ("initial_access_tokens", "token_id", "expires_at"),
    ("client_notes", "sequence", "expires_at"),
)
_KEEP_GRANTS_WITH_TOKENS: Final = """
UPDATE grants SET expires_at = (
    SELECT MAX(ends.expires_at) FROM (
        SELECT expires_at FROM access_tokens WHERE access_tokens.grant_id = grants.grant_id
        UNION ALL SELECT expires_at FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.grant_id
    ) AS ends
)
WHERE grant_id IN (SELECT grant_id FROM grants WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
  AND (EXISTS (SELECT 1 FROM access_tokens
               WHERE access_tokens.grant_id = grants.grant_id AND access_tokens.expires_at > ?)
       OR EXISTS (SELECT 1 FROM refresh_tokens
                  WHERE refresh_tokens.grant_id = grants.grant_id AND refresh_tokens.expires_at > ?))
"""
_DELETE_GRANTS: Final = """
DELETE FROM grants WHERE grant_id IN (
    SELECT grant_id FROM grants WHERE expires_at <= ?
      AND NOT EXISTS (SELECT 1 FROM access_tokens
                      WHERE access_tokens.grant_id = grants.grant_id AND access_tokens.expires_at > ?)
      AND NOT EXISTS (SELECT 1 FROM refresh_tokens
                      WHERE refresh_tokens.grant_id = grants.grant_id AND refresh_tokens.expires_at > ?)
    ORDER BY expires_at LIMIT ?
)
RETURNING grant_id
"""
_DELETE_CONSENTS: Final = """
DELETE FROM consents WHERE expires_at <= ? AND (account_id, client_id) IN (
    SELECT account_id, client_id FROM consents WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
)
RETURNING client_id
"""
_DELETE_CLIENTS: Final = """
DELETE FROM clients WHERE client_id IN (
    SELECT client_id FROM client_registrations WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
)
RETURNING client_id
"""


class ExpiredRows:
    """What has ended and may go."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def purge_expired(self, now: datetime, limit: int) -> dict[str, int]:
        """Delete at most ``limit`` expired rows of each table; how many went, by table.

        A grant ends with the last of its code and tokens. ``grants.expires_at`` is moved up to that when a purge meets
        it, not with every token, so that a sign-in pays nothing for it.
        """
        seconds = to_epoch_seconds(now)
        counts = {}
        for table, key, column in _TABLES:
            sql = (
                f"DELETE FROM {table} WHERE {key} IN "
                f"(SELECT {key} FROM {table} WHERE {column} <= ? ORDER BY {column} LIMIT ?) RETURNING 1"
            )
            counts[table] = len(self._statements.write(sql, (seconds, limit)))
        counts["clients"] = len(self._statements.write(_DELETE_CLIENTS, (seconds, limit)))
        counts["consents"] = len(self._statements.write(_DELETE_CONSENTS, (seconds, seconds, limit)))
        self._statements.write(_KEEP_GRANTS_WITH_TOKENS, (seconds, limit, seconds, seconds))
        counts["grants"] = len(self._statements.write(_DELETE_GRANTS, (seconds, seconds, seconds, limit)))
        return counts
