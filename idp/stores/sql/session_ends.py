"""The end of browser sessions and grants, with what the clients that they reached are owed: one place for every cause.

Whoever ends a session writes the deliveries of its logout tokens in the same transaction, so that a sign-out which is
committed is never forgotten, and one which is rolled back is never told.
Source: Back-Channel Logout §2.3 (remembering logged-in clients), §2.7 (what ends with a session).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Literal

from idp.clock import to_epoch_seconds
from idp.identifiers import new_identifier
from idp.oidc.session_id import session_id
from idp.stores.sql.database import Row, Statements

Owner = Literal["account_id", "credential_id"]

# An undelivered logout is of no use once every session that it could end is over; the operator has that long to look.
KEPT: Final = timedelta(days=30)
_DELETE_SESSIONS: Final = """
DELETE FROM browser_sessions WHERE {} IN ({})
RETURNING account_id, COALESCE(origin_hash, session_hash), expires_at
"""
# A code that nobody has redeemed told its client no sid; it is ended instead, so that nobody begins a session with it.
_REACHED: Final = """
SELECT DISTINCT grants.client_id, grants.sub, grants.session_hash
FROM grants JOIN clients ON clients.client_id = grants.client_id
WHERE grants.code_spent_at IS NOT NULL AND clients.options LIKE '%"backchannel_logout_uri":%'
"""
_REACHED_BY_SESSION: Final = f"{_REACHED} AND grants.account_id = ? AND grants.session_hash = ?"
_REACHED_LIVE: Final = f"{_REACHED} AND grants.revoked_at IS NULL AND grants.{{}} IN ({{}})"
_END_SESSION_GRANTS: Final = """
UPDATE grants SET revoked_at = ?
WHERE account_id = ? AND session_hash = ? AND revoked_at IS NULL
  AND (code_spent_at IS NULL OR ' ' || scope || ' ' NOT LIKE '% offline_access %')
"""
_END_GRANTS: Final = """
UPDATE grants SET revoked_at = ? WHERE {} IN ({}) AND revoked_at IS NULL RETURNING account_id
"""
# A grant rests also on the signing certificate whose attributes it releases; nobody signed in with that, so no session
# ends and no client is told.
_END_RELEASING_GRANTS: Final = """
UPDATE grants SET revoked_at = ?
WHERE grant_id IN (SELECT grant_id FROM released_claims WHERE {} IN ({})) AND revoked_at IS NULL
RETURNING account_id
"""
_INSERT_DELIVERY: Final = """
INSERT INTO logout_deliveries (delivery_id, client_id, sub, sid, created_at, due_at, tries, outcome, expires_at)
VALUES (?, ?, ?, ?, ?, ?, 0, '', ?)
"""


@dataclass(frozen=True, slots=True)
class DeletedSession:
    """What was left of a session when its row went; ``expires_at`` in seconds since 1970."""

    account_id: str
    origin_hash: bytes
    expires_at: int


@dataclass(frozen=True, slots=True)
class EndedSignIns:
    """What ended: the sessions, run out or not, and the account of each grant."""

    sessions: tuple[DeletedSession, ...]
    grant_account_ids: tuple[str, ...]


def delete_sessions(
    statements: Statements, owner: Literal["session_hash", Owner], ids: Sequence[str | bytes]
) -> tuple[DeletedSession, ...]:
    """Delete the rows alone; whoever calls this owes the clients ``end_reached``, or a session that carries on."""
    rows = statements.write(_for_many(_DELETE_SESSIONS, owner, len(ids)), ids)
    return tuple(DeletedSession(row[0], bytes(row[1]), row[2]) for row in rows)


def end_reached(statements: Statements, sessions: Iterable[DeletedSession], now: datetime) -> None:
    """End what the sessions gave, but for offline access, and tell their clients.

    Effect: an access token ends with its session, because it was given for a person who was there. A session that had
            run out before tells nobody: it ended then, and clients know its age by ``auth_time``.
    """
    seconds = to_epoch_seconds(now)
    reached: set[Row] = set()
    for session in sessions:
        mine = (session.account_id, session.origin_hash)
        if session.expires_at > seconds:
            reached.update(statements.read_all(_REACHED_BY_SESSION, mine))
        statements.write(_END_SESSION_GRANTS, (seconds, *mine))
    _insert_deliveries(statements, reached, now)


def end_sign_ins(statements: Statements, owner: Owner, ids: Sequence[str], now: datetime) -> EndedSignIns:
    """End every session and grant of accounts or credentials, offline access too, and tell the clients.

    Effect: a client hears of it also where the browser's session was over long ago and only its own tokens lived on.
    """
    seconds = to_epoch_seconds(now)
    reached = set(statements.read_all(_for_many(_REACHED_LIVE, owner, len(ids)), ids))
    sessions = delete_sessions(statements, owner, ids)
    for session in sessions:
        mine = (session.account_id, session.origin_hash)
        if session.expires_at > seconds:
            reached.update(statements.read_all(_REACHED_BY_SESSION, mine))
    ended = statements.write(_for_many(_END_GRANTS, owner, len(ids)), (seconds, *ids))
    if owner == "credential_id":
        ended += statements.write(_for_many(_END_RELEASING_GRANTS, owner, len(ids)), (seconds, *ids))
    # After the owner's own: through a change of cards, a session may hold grants of another credential.
    for session in sessions:
        statements.write(_END_SESSION_GRANTS, (seconds, session.account_id, session.origin_hash))
    _insert_deliveries(statements, reached, now)
    return EndedSignIns(sessions, tuple(str(row[0]) for row in ended))


def _insert_deliveries(statements: Statements, reached: Iterable[Row], now: datetime) -> None:
    seconds, ends_at = to_epoch_seconds(now), to_epoch_seconds(now + KEPT)
    for client_id, sub, origin_hash in sorted(reached):
        sid = session_id(bytes(origin_hash), client_id)
        row = (new_identifier(), client_id, sub, sid, seconds, seconds, ends_at)
        statements.write(_INSERT_DELIVERY, row)


@cache
def _for_many(sql: str, owner: str, count: int) -> str:
    return sql.format(owner, ", ".join("?" * count))
