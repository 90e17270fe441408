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
    ("link_requests", "request_id", "expires_at"),
    ("initial_access_tokens", "token_id", "expires_at"),
    ("client_notes", "sequence", "expires_at"),
    ("logout_deliveries", "delivery_id", "expires_at"),
)
# The calendar of keys names what was revoked for so long.
_REVOKED_KEY_SECONDS: Final = 90 * 86_400
_DELETE_SIGNING_KEYS: Final = """
DELETE FROM signing_keys WHERE kid IN (
    SELECT kid FROM signing_keys
    WHERE published_until <= ? AND (revoked_at IS NULL OR revoked_at <= ?) ORDER BY published_until LIMIT ?
)
RETURNING kid
"""
# A live session remembers by its grants which clients it reached (Back-Channel Logout §2.3); the account finds it,
# because that has an index and a person has few sessions.
_HAS_SESSION: Final = """
(grants.code_spent_at IS NOT NULL
 AND EXISTS (SELECT 1 FROM browser_sessions
             WHERE browser_sessions.account_id = grants.account_id AND browser_sessions.expires_at > ?
               AND COALESCE(browser_sessions.origin_hash, browser_sessions.session_hash) = grants.session_hash))
"""
_HAS_TOKENS: Final = """
(EXISTS (SELECT 1 FROM access_tokens
         WHERE access_tokens.grant_id = grants.grant_id AND access_tokens.expires_at > ?)
 OR EXISTS (SELECT 1 FROM refresh_tokens
            WHERE refresh_tokens.grant_id = grants.grant_id AND refresh_tokens.expires_at > ?))
"""
_FORGET_RELEASED: Final = f"""
DELETE FROM released_claims WHERE grant_id IN (
    SELECT grant_id FROM grants WHERE expires_at <= ? AND NOT {_HAS_TOKENS} ORDER BY expires_at LIMIT ?
)
"""
_KEEP_GRANTS: Final = f"""
UPDATE grants SET expires_at = (
    SELECT MAX(ends.expires_at) FROM (
        SELECT expires_at FROM access_tokens WHERE access_tokens.grant_id = grants.grant_id
        UNION ALL SELECT expires_at FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.grant_id
        UNION ALL SELECT expires_at FROM browser_sessions
            WHERE grants.code_spent_at IS NOT NULL AND browser_sessions.account_id = grants.account_id
              AND COALESCE(browser_sessions.origin_hash, browser_sessions.session_hash) = grants.session_hash
    ) AS ends
)
WHERE grant_id IN (SELECT grant_id FROM grants WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
  AND ({_HAS_TOKENS} OR {_HAS_SESSION})
"""
_DELETE_GRANTS: Final = f"""
DELETE FROM grants WHERE grant_id IN (
    SELECT grant_id FROM grants WHERE expires_at <= ? AND NOT {_HAS_TOKENS} AND NOT {_HAS_SESSION}
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

        A grant ends with the last of its code, its tokens and its browser session; what it released about the person
        goes with the tokens. ``grants.expires_at`` is moved up to that when a purge meets it, not with every token, so
        that a sign-in pays nothing for it.
        """
        seconds = to_epoch_seconds(now)
        counts = {}
        for table, key, column in _TABLES:
            sql = (
                f"DELETE FROM {table} WHERE {key} IN "
                f"(SELECT {key} FROM {table} WHERE {column} <= ? ORDER BY {column} LIMIT ?) RETURNING 1"
            )
            counts[table] = len(self._statements.write(sql, (seconds, limit)))
        keys = (seconds, seconds - _REVOKED_KEY_SECONDS, limit)
        counts["signing_keys"] = len(self._statements.write(_DELETE_SIGNING_KEYS, keys))
        counts["clients"] = len(self._statements.write(_DELETE_CLIENTS, (seconds, limit)))
        counts["consents"] = len(self._statements.write(_DELETE_CONSENTS, (seconds, seconds, limit)))
        self._statements.write(_FORGET_RELEASED, (seconds, seconds, seconds, limit))
        self._statements.write(_KEEP_GRANTS, (seconds, limit, seconds, seconds, seconds))
        counts["grants"] = len(self._statements.write(_DELETE_GRANTS, (seconds, seconds, seconds, seconds, limit)))
        return counts
