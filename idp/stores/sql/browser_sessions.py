"""Browser sessions, by the hash of the cookie's value; an ended session is a deleted one."""

from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.oidc.browser_session import BrowserSession
from idp.stores.sql.column_value import from_optional_seconds, join_words, split_words, to_optional_seconds
from idp.stores.sql.database import Statements
from idp.stores.sql.session_ends import delete_sessions, end_reached

_FIND: Final = """
SELECT browser_sessions.session_hash, COALESCE(browser_sessions.origin_hash, browser_sessions.session_hash),
       browser_sessions.account_id, browser_sessions.credential_id, browser_sessions.auth_time,
       browser_sessions.acr, browser_sessions.amr, browser_sessions.status_time,
       browser_sessions.created_at, browser_sessions.last_used_at, browser_sessions.expires_at
FROM browser_sessions
JOIN accounts ON accounts.account_id = browser_sessions.account_id
JOIN credentials ON credentials.credential_id = browser_sessions.credential_id
WHERE browser_sessions.session_hash = ? AND browser_sessions.expires_at > ?
  AND accounts.state = 'active' AND credentials.state = 'active'
"""
_INSERT: Final = """
INSERT INTO browser_sessions (session_hash, origin_hash, account_id, credential_id, auth_time, acr, amr, status_time,
                              created_at, last_used_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_TOUCH: Final = "UPDATE browser_sessions SET last_used_at = ? WHERE session_hash = ? AND last_used_at < ?"
# A client that nobody reviewed must not crowd out one that somebody did.
_FRONTCHANNEL_CLIENTS: Final = """
SELECT grants.client_id FROM grants JOIN clients ON clients.client_id = grants.client_id
WHERE grants.account_id = ? AND grants.session_hash = ? AND grants.code_spent_at IS NOT NULL
  AND clients.options LIKE '%"frontchannel_logout_uri":%'
GROUP BY grants.client_id, clients.is_reviewed
ORDER BY clients.is_reviewed DESC, MAX(grants.code_spent_at) DESC, grants.client_id
LIMIT ?
"""


class BrowserSessionReads:
    """What is asked of sessions outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_browser_session(self, session_hash: bytes, now: datetime) -> BrowserSession | None:
        """The session; None if unknown, ended, expired, or its account or credential is not active."""
        row = self._statements.read_one(_FIND, (session_hash, to_epoch_seconds(now)))
        if row is None:
            return None
        return BrowserSession(
            session_hash=row[0],
            origin_hash=row[1],
            account_id=row[2],
            credential_id=row[3],
            auth_time=from_epoch_seconds(row[4]),
            acr=row[5],
            amr=split_words(row[6]),
            status_time=from_optional_seconds(row[7]),
            created_at=from_epoch_seconds(row[8]),
            last_used_at=from_epoch_seconds(row[9]),
            expires_at=from_epoch_seconds(row[10]),
        )

    def find_frontchannel_clients(self, account_id: str, origin_hash: bytes, limit: int) -> tuple[str, ...]:
        """The clients of one session that are told in the browser; reviewed ones first, then the latest."""
        rows = self._statements.read_all(_FRONTCHANNEL_CLIENTS, (account_id, origin_hash, limit))
        return tuple(row[0] for row in rows)


class BrowserSessionWrites:
    """What a durable transaction does with sessions."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_browser_session(self, session: BrowserSession) -> None:
        """Record a new session."""
        self._statements.write(
            _INSERT,
            (
                session.session_hash,
                session.origin_hash,
                session.account_id,
                session.credential_id,
                to_epoch_seconds(session.auth_time),
                session.acr,
                join_words(session.amr),
                to_optional_seconds(session.status_time),
                to_epoch_seconds(session.created_at),
                to_epoch_seconds(session.last_used_at),
                to_epoch_seconds(session.expires_at),
            ),
        )

    def end_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """End the session for every client that it reached; its row goes, whatever ``now`` is."""
        end_reached(self._statements, delete_sessions(self._statements, "session_hash", (session_hash,)), now)

    def succeed_browser_session(self, session_hash: bytes, account_id: str, now: datetime) -> bytes | None:
        """End the session in favour of a new one of the same account; its origin, or None as the port says."""
        deleted = delete_sessions(self._statements, "session_hash", (session_hash,))
        if deleted and deleted[0].account_id == account_id and deleted[0].expires_at > to_epoch_seconds(now):
            return deleted[0].origin_hash
        end_reached(self._statements, deleted, now)
        return None

    def touch_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """Note that the session was used."""
        seconds = to_epoch_seconds(now)
        self._statements.write(_TOUCH, (seconds, session_hash, seconds))
