"""Logout tokens that clients are owed: claimed by one of many, tried, postponed, given up, revived.

Statements are written so that a delivery which another process has taken over in the meantime is left to it: every
claim raises ``tries``, and who comes late names an old number.
"""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from datetime import datetime, timedelta
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.ops.logout_ports import LogoutDelivery
from idp.stores.sql.column_value import from_optional_seconds
from idp.stores.sql.database import Row, Statements
from idp.stores.sql.session_ends import KEPT

_COLUMNS: Final = "delivery_id, client_id, sub, sid, created_at, due_at, tries, outcome, dead_at"
_IS_DUE: Final = "dead_at IS NULL AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)"
_HAS_DUE: Final = f"SELECT 1 FROM logout_deliveries WHERE {_IS_DUE} LIMIT 1"
# Asked again of the row itself: of two processes that chose the same one, PostgreSQL lets the second look once more.
_CLAIM: Final = f"""
UPDATE logout_deliveries SET claimed_until = ?, tries = tries + 1
WHERE {_IS_DUE} AND delivery_id IN (
    SELECT delivery_id FROM (
        SELECT delivery_id, due_at, ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY due_at, delivery_id) AS place
        FROM logout_deliveries WHERE {_IS_DUE}
    ) AS waiting
    WHERE place <= ? ORDER BY place, due_at, delivery_id LIMIT ?
)
RETURNING {_COLUMNS}
"""
_FINISH: Final = "DELETE FROM logout_deliveries WHERE delivery_id = ? AND tries = ?"
_POSTPONE: Final = """
UPDATE logout_deliveries SET claimed_until = NULL, due_at = ?, outcome = ? WHERE delivery_id = ? AND tries = ?
RETURNING client_id
"""
_HOLD_BACK: Final = "UPDATE logout_deliveries SET due_at = ? WHERE client_id = ? AND dead_at IS NULL AND due_at < ?"
_RETURN: Final = """
UPDATE logout_deliveries SET claimed_until = NULL, due_at = ?, tries = tries - 1 WHERE delivery_id = ? AND tries = ?
"""
_HASTEN: Final = "UPDATE logout_deliveries SET due_at = ? WHERE client_id = ? AND dead_at IS NULL AND due_at > ?"
_BURY: Final = """
UPDATE logout_deliveries SET claimed_until = NULL, dead_at = ?, outcome = ? WHERE delivery_id = ? AND tries = ?
RETURNING delivery_id
"""
_LIST: Final = f"""
SELECT {_COLUMNS} FROM logout_deliveries WHERE {{}} ORDER BY created_at, delivery_id LIMIT ?
"""
_LIST_PENDING: Final = _LIST.format("dead_at IS NULL AND (client_id = ? OR ? = '')")
_LIST_DEAD: Final = _LIST.format("dead_at IS NOT NULL AND (client_id = ? OR ? = '')")
_COUNT_DEAD: Final = "SELECT client_id, COUNT(*) FROM logout_deliveries WHERE dead_at IS NOT NULL GROUP BY client_id"
_RETRY: Final = """
UPDATE logout_deliveries SET dead_at = NULL, claimed_until = NULL, due_at = ?, tries = 0, expires_at = ?
WHERE delivery_id = ? RETURNING client_id
"""
_DROP: Final = "DELETE FROM logout_deliveries WHERE delivery_id = ? RETURNING client_id"


class LogoutDeliveryReads:
    """The queue outside a transaction: each step is one statement, or two whose order does not matter."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def has_due_logout(self, now: datetime) -> bool:
        """Whether anything is due."""
        seconds = to_epoch_seconds(now)
        return self._statements.read_one(_HAS_DUE, (seconds, seconds)) is not None

    def claim_logout_deliveries(
        self, now: datetime, *, limit: int, limit_a_client: int, until: datetime
    ) -> tuple[LogoutDelivery, ...]:
        """Take due deliveries until a moment, in one statement, each client's oldest first."""
        seconds = to_epoch_seconds(now)
        due = (seconds, seconds)
        rows = self._statements.write(_CLAIM, (to_epoch_seconds(until), *due, *due, limit_a_client, limit))
        return tuple(sorted(map(_delivery, rows), key=lambda delivery: (delivery.created_at, delivery.delivery_id)))

    def finish_logout_delivery(self, delivery_id: str, tries: int) -> None:
        """Forget a claimed delivery."""
        self._statements.write(_FINISH, (delivery_id, tries))

    def postpone_logout_delivery(self, delivery_id: str, tries: int, due_at: datetime, outcome: str) -> None:
        """Let a claimed delivery wait, and the client's other ones at least as long."""
        # To the next whole second: a wait is never shorter than it was meant to be.
        seconds = to_epoch_seconds(due_at + timedelta(microseconds=999_999))
        for row in self._statements.write(_POSTPONE, (seconds, outcome, delivery_id, tries)):
            self._statements.write(_HOLD_BACK, (seconds, row[0], seconds))

    def return_logout_delivery(self, delivery_id: str, tries: int, due_at: datetime) -> None:
        """Put a claimed delivery back untried."""
        self._statements.write(_RETURN, (to_epoch_seconds(due_at), delivery_id, tries))

    def hasten_logout_deliveries(self, client_id: str, now: datetime) -> None:
        """Let what waits for a client be due."""
        seconds = to_epoch_seconds(now)
        self._statements.write(_HASTEN, (seconds, client_id, seconds))

    def list_logout_deliveries(
        self, *, is_dead: bool, limit: int, client_id: str | None = None
    ) -> tuple[LogoutDelivery, ...]:
        """Those that wait, or those that were given up, oldest first; of one client or of all."""
        chosen = client_id or ""
        rows = self._statements.read_all(_LIST_DEAD if is_dead else _LIST_PENDING, (chosen, chosen, limit))
        return tuple(map(_delivery, rows))

    def count_dead_logouts(self) -> dict[str, int]:
        """How many were given up, by client."""
        return {str(row[0]): int(row[1]) for row in self._statements.read_all(_COUNT_DEAD)}


class LogoutDeliveryWrites:
    """What a durable transaction does with deliveries, beside its audit record."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def bury_logout_delivery(self, delivery_id: str, tries: int, outcome: str, now: datetime) -> bool:
        """Give a claimed delivery up; False if somebody else has taken it over."""
        return bool(self._statements.write(_BURY, (to_epoch_seconds(now), outcome, delivery_id, tries)))

    def retry_logout_delivery(self, delivery_id: str, now: datetime) -> str | None:
        """Let a delivery begin anew, given up or not; its client, or None if it is not there."""
        row = (to_epoch_seconds(now), to_epoch_seconds(now + KEPT), delivery_id)
        return _client_of(self._statements.write(_RETRY, row))

    def drop_logout_delivery(self, delivery_id: str) -> str | None:
        """Forget a delivery that nobody has taken; its client, or None if it is not there."""
        return _client_of(self._statements.write(_DROP, (delivery_id,)))


def _client_of(rows: list[Row]) -> str | None:
    return str(rows[0][0]) if rows else None


def _delivery(row: Row) -> LogoutDelivery:
    return LogoutDelivery(
        delivery_id=row[0],
        client_id=row[1],
        sub=row[2],
        sid=row[3],
        created_at=from_epoch_seconds(row[4]),
        due_at=from_epoch_seconds(row[5]),
        tries=row[6],
        outcome=row[7],
        dead_at=from_optional_seconds(row[8]),
    )
