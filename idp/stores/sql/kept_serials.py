"""Credentials about whose certificates somebody has to be asked: sealed serial numbers, and when each is due."""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.credential import LookupDigest
from idp.ops.known_status import RecheckedStatus
from idp.ops.recheck_ports import KeptSerial, KeptSerials
from idp.stores.sql.column_value import from_optional_seconds
from idp.stores.sql.database import Row, Statements

_FIND_DUE: Final = """
SELECT credential_id, status_due_at FROM credentials WHERE status_due_at <= ?
ORDER BY status_due_at, credential_id LIMIT ?
"""
# The former due time is asked for again of the row itself: of two callers the second finds another one there.
_MOVE_DUE: Final = """
WITH moved (moved_id, former, later) AS (VALUES {0})
UPDATE credentials SET status_due_at = moved.later FROM moved
WHERE credentials.credential_id = moved.moved_id AND credentials.status_due_at = moved.former
RETURNING credential_id, lookup_key_id, lookup_digest, sealed_serial, valid_until, state
"""
_MOVED: Final = "(CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT))"
# A grant's own expires_at lags behind its tokens (``expired_rows``), and a grant without any is deleted soon.
_RESTS: Final = """
grants.revoked_at IS NULL
AND (grants.expires_at > ?
     OR EXISTS (SELECT 1 FROM refresh_tokens
                WHERE refresh_tokens.grant_id = grants.grant_id AND refresh_tokens.expires_at > ?)
     OR EXISTS (SELECT 1 FROM access_tokens
                WHERE access_tokens.grant_id = grants.grant_id AND access_tokens.expires_at > ?))
"""
_RELIED_ON: Final = f"""
SELECT credential_id FROM credentials WHERE credential_id IN ({{0}}) AND (
    EXISTS (SELECT 1 FROM browser_sessions
            WHERE browser_sessions.credential_id = credentials.credential_id AND browser_sessions.expires_at > ?)
    OR EXISTS (SELECT 1 FROM grants WHERE grants.credential_id = credentials.credential_id AND {_RESTS})
    OR EXISTS (SELECT 1 FROM released_claims JOIN grants ON grants.grant_id = released_claims.grant_id
               WHERE released_claims.credential_id = credentials.credential_id AND {_RESTS}))
"""
_RECORD_GOOD: Final = """
UPDATE credentials SET status_due_at = ?,
       status_time = CASE WHEN status_time > ? THEN status_time ELSE CAST(? AS BIGINT) END
WHERE credential_id = ? AND sealed_serial IS NOT NULL
"""
_POSTPONE: Final = "UPDATE credentials SET status_due_at = ? WHERE credential_id = ? AND sealed_serial IS NOT NULL"
_FORGET: Final = """
UPDATE credentials SET sealed_serial = NULL, status_due_at = NULL, status_time = NULL
WHERE credential_id IN ({0}) AND status_due_at = ? RETURNING credential_id
"""
_FORGET_ALL: Final = """
UPDATE credentials SET sealed_serial = NULL, status_due_at = NULL, status_time = NULL
WHERE credential_id IN (SELECT credential_id FROM credentials WHERE status_due_at IS NOT NULL LIMIT ?)
RETURNING credential_id
"""
_COUNT: Final = """
SELECT COUNT(status_due_at), MIN(status_due_at),
       MIN(CASE WHEN status_time > last_seen_at THEN status_time ELSE last_seen_at END)
FROM credentials WHERE status_due_at IS NOT NULL
"""
_FIND_STATUS: Final = """
SELECT sealed_serial IS NOT NULL, status_time, listed_by FROM credentials WHERE credential_id = ?
"""


class KeptSerialTable:
    """``KeptSerialStore`` but for its transactions, and ``RecheckedStatuses``; each method writes by one statement."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def claim_kept_serials(self, due_by: datetime, claimed_until: datetime, limit: int) -> tuple[KeptSerial, ...]:
        """Take those that were due first, and make them due again later: of two callers one gets each."""
        found = self._statements.read_all(_FIND_DUE, (to_epoch_seconds(due_by), limit))
        due = {str(row[0]): int(row[1]) for row in found}
        until = to_epoch_seconds(claimed_until)
        claimed = self._move_due([(credential_id, was, until) for credential_id, was in due.items()])
        kept = [_read(row, due[row[0]]) for row in claimed]
        return tuple(sorted(kept, key=lambda each: (each.due_at, each.credential_id)))

    def unclaim_kept_serials(self, unasked: Sequence[KeptSerial], claimed_until: datetime) -> None:
        """Let claimed ones be due when they were before; one that was shown since it was claimed stays as it is."""
        until = to_epoch_seconds(claimed_until)
        self._move_due([(kept.credential_id, until, to_epoch_seconds(kept.due_at)) for kept in unasked])

    def _move_due(self, moves: Sequence[tuple[str, int, int]]) -> Sequence[Row]:
        if not moves:
            return ()
        sql = _MOVE_DUE.format(", ".join([_MOVED] * len(moves)))
        return self._statements.write(sql, tuple(value for move in moves for value in move))

    def find_relied_on(self, credential_ids: Sequence[str], now: datetime) -> frozenset[str]:
        """Those of them on which a session, a grant or what a grant releases rests."""
        if not credential_ids:
            return frozenset()
        seconds = (to_epoch_seconds(now),) * 7
        rows = self._statements.read_all(_for_many(_RELIED_ON, len(credential_ids)), (*credential_ids, *seconds))
        return frozenset(str(row[0]) for row in rows)

    def record_good_status(self, credential_id: str, status_time: datetime, due_at: datetime) -> None:
        """Note that the credential was not revoked as of a moment; an older moment than the noted one changes none."""
        as_of = to_epoch_seconds(status_time)
        self._statements.write(_RECORD_GOOD, (to_epoch_seconds(due_at), as_of, as_of, credential_id))

    def postpone_recheck(self, credential_id: str, due_at: datetime) -> None:
        """Let the credential be due at another time."""
        self._statements.write(_POSTPONE, (to_epoch_seconds(due_at), credential_id))

    def forget_serials(self, credential_ids: Sequence[str], claimed_until: datetime) -> int:
        """Delete what is kept of claimed certificates; how many were kept. One shown since it was claimed stays."""
        if not credential_ids:
            return 0
        row = (*credential_ids, to_epoch_seconds(claimed_until))
        return len(self._statements.write(_for_many(_FORGET, len(credential_ids)), row))

    def forget_all_serials(self, limit: int) -> int:
        """Delete what is kept of at most ``limit`` certificates; how many were kept."""
        return len(self._statements.write(_FORGET_ALL, (limit,)))

    def count_kept_serials(self) -> KeptSerials:
        """How many there are, when the first of them is or was due, and as of when all are known to have been good."""
        row = self._statements.read_one(_COUNT, ())
        if row is None:
            return KeptSerials(0, None)
        return KeptSerials(int(row[0]), from_optional_seconds(row[1]), from_optional_seconds(row[2]))

    def find_rechecked_status(self, credential_id: str) -> RecheckedStatus:
        """Whether the credential is asked about, as of when it was found good, and by which lists it was told of."""
        row = self._statements.read_one(_FIND_STATUS, (credential_id,))
        return (
            RecheckedStatus(False, None)
            if row is None
            else RecheckedStatus(bool(row[0]), from_optional_seconds(row[1]), row[2])
        )


def _read(row: Row, due_at: int) -> KeptSerial:
    return KeptSerial(
        credential_id=row[0],
        lookup=LookupDigest(row[1], bytes(row[2])),
        # A version before this one may have revoked the credential and left its due time alone.
        sealed=row[3] or "",
        valid_until=from_epoch_seconds(row[4]),
        is_revoked=row[5] == "revoked",
        due_at=from_epoch_seconds(due_at),
    )


@cache
def _for_many(sql: str, count: int) -> str:
    return sql.format(", ".join("?" * count))
