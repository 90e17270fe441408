"""A person's own account: what is shown of it, what the person ends, and what is left when it is deleted."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Final

from idp.audit import AuditEvent
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.account import Account, AccountState
from idp.identity.credential import CredentialState
from idp.signin.own_account_overview import AccountOverview, OwnCard, ReachedClient, Receipt
from idp.stores.sql.column_value import split_words
from idp.stores.sql.database import Row, Statements
from idp.stores.sql.session_ends import end_sign_ins

_FIND_ACCOUNT: Final = "SELECT opened_at FROM accounts WHERE account_id = ? AND state <> 'closed'"
_FIND_CARDS: Final = """
SELECT credential_id, profile, kind, state, first_seen_at, last_seen_at FROM credentials WHERE account_id = ?
ORDER BY first_seen_at, credential_id
"""
_FIND_CONSENTS: Final = "SELECT client_id, given_at, expires_at FROM consents WHERE account_id = ? AND expires_at > ?"
_FIND_GRANTS: Final = """
SELECT client_id, created_at,
       CASE WHEN revoked_at IS NULL AND (
           (code_spent_at IS NULL AND code_expires_at > ?)
           OR EXISTS (SELECT 1 FROM access_tokens
                      WHERE access_tokens.grant_id = grants.grant_id AND access_tokens.expires_at > ?)
           OR EXISTS (SELECT 1 FROM refresh_tokens
                      WHERE refresh_tokens.grant_id = grants.grant_id AND refresh_tokens.expires_at > ?
                        AND refresh_tokens.spent_at IS NULL)
       ) THEN 1 ELSE 0 END
FROM grants WHERE account_id = ? ORDER BY created_at DESC LIMIT 1000
"""
_FIND_EVENTS: Final = """
SELECT client_id, at, event, outcome FROM audit_events
WHERE account_id = ? AND client_id IS NOT NULL AND event IN (?, ?, ?) ORDER BY sequence DESC LIMIT 1000
"""
_SHOWN_EVENTS: Final = (AuditEvent.SIGNED_IN.value, AuditEvent.CONSENT_GIVEN.value, AuditEvent.CLAIMS_RELEASED.value)
_END_GRANTS: Final = """
UPDATE grants SET revoked_at = ? WHERE account_id = ? AND client_id = ? AND revoked_at IS NULL RETURNING grant_id
"""
_FORGET_RELEASED: Final = """
DELETE FROM released_claims WHERE grant_id IN (SELECT grant_id FROM grants WHERE account_id = ? AND client_id = ?)
"""
_FIND_MERGED: Final = "SELECT from_account_id FROM account_merges WHERE into_account_id = ? AND undone_at IS NULL"
# Tokens and released claims go with their grants, what a merge moved with its merge.
_ERASE: Final = (
    "DELETE FROM grants WHERE account_id = ?",
    "DELETE FROM consents WHERE account_id = ?",
    "DELETE FROM answered_questions WHERE account_id = ?",
    "DELETE FROM account_links WHERE account_id = ?",
    "DELETE FROM link_requests WHERE account_id = ?",
    "DELETE FROM attachments WHERE account_id = ?",
    "DELETE FROM account_merges WHERE into_account_id = ?",
    "DELETE FROM account_merges WHERE from_account_id = ?",
    "DELETE FROM credentials WHERE account_id = ? AND state = 'active'",
    "UPDATE credentials SET link_digest = NULL, sealed_serial = NULL, status_due_at = NULL, status_time = NULL"
    " WHERE account_id = ?",
)
_CLOSE: Final = "UPDATE accounts SET state = ?, state_changed_at = ? WHERE account_id = ?"


class AccountOverviewReads:
    """What is asked for the page, outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_account_overview(self, account_id: str, own_client_id: str, now: datetime) -> AccountOverview | None:
        """Everything shown on the page; None if there is no such account any more.

        At most the latest 1,000 grants and events are looked at, so that the page stays a page.
        """
        account = self._statements.read_one(_FIND_ACCOUNT, (account_id,))
        if account is None:
            return None
        seconds = to_epoch_seconds(now)
        cards = self._statements.read_all(_FIND_CARDS, (account_id,))
        consents = self._statements.read_all(_FIND_CONSENTS, (account_id, seconds))
        grants = self._statements.read_all(_FIND_GRANTS, (seconds, seconds, seconds, account_id))
        events = self._statements.read_all(_FIND_EVENTS, (account_id, *_SHOWN_EVENTS))
        client_ids = {row[0] for row in (*consents, *grants, *events)} - {own_client_id}
        services = [
            _reached(client_id, _of(client_id, consents), _of(client_id, grants), _of(client_id, events))
            for client_id in sorted(client_ids)
        ]
        return AccountOverview(
            opened_at=from_epoch_seconds(account[0]),
            cards=tuple(_card(row) for row in cards),
            services=tuple(sorted(services, key=lambda service: service.last_at, reverse=True)),
        )

    def find_active_accounts(self, account_ids: Collection[str]) -> tuple[Account, ...]:
        """Those of the accounts that are active, the oldest first."""
        if not account_ids:
            return ()
        rows = self._statements.read_all(_active_accounts_sql(len(account_ids)), tuple(sorted(account_ids)))
        return tuple(Account(row[0], AccountState.ACTIVE, from_epoch_seconds(row[1])) for row in rows)


@cache
def _active_accounts_sql(count: int) -> str:
    named = ", ".join("?" * count)
    return f"""
SELECT account_id, opened_at FROM accounts WHERE state = 'active' AND account_id IN ({named})
ORDER BY opened_at, account_id
"""  # noqa: S608 - constants and placeholders


class AccountOverviewWrites:
    """What a durable transaction does at the person's own word."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def end_client_grants(self, account_id: str, client_id: str, now: datetime) -> int:
        """End the account's grants to one client with their tokens, and forget what they release; how many ended."""
        self._statements.write(_FORGET_RELEASED, (account_id, client_id))
        return len(self._statements.write(_END_GRANTS, (to_epoch_seconds(now), account_id, client_id)))

    def erase_account(self, account_id: str, now: datetime) -> tuple[str, ...]:
        """Delete what is known of the account and of those merged into it.

        Returns: the accounts that are closed now.
        What stays: the closed account with its subjects, so that no ``sub`` is ever another person's, and credentials
        that were suspended or revoked, so that a lost card does not sign in again.
        """
        closed = self._find_merged(account_id)
        for each in closed:
            # Before the grants go, since they are what remembers which clients have to be told.
            end_sign_ins(self._statements, "account_id", (each,), now)
            for sql in _ERASE:
                self._statements.write(sql, (each,))
            self._statements.write(_CLOSE, (AccountState.CLOSED.value, to_epoch_seconds(now), each))
        return tuple(closed)

    def _find_merged(self, account_id: str) -> list[str]:
        found, waiting = [account_id], [account_id]
        while waiting:
            rows = self._statements.read_all(_FIND_MERGED, (waiting.pop(),))
            fresh = [row[0] for row in rows if row[0] not in found]
            found += fresh
            waiting += fresh
        return found


def _of(client_id: str, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row[0] == client_id]


def _reached(client_id: str, consents: list[Row], grants: list[Row], events: list[Row]) -> ReachedClient:
    times = [row[1] for row in (*consents, *grants, *events)]
    released = [row for row in events if row[2] == AuditEvent.CLAIMS_RELEASED]
    return ReachedClient(
        client_id=client_id,
        since=from_epoch_seconds(min(times)),
        last_at=from_epoch_seconds(max(times)),
        has_access=any(row[2] for row in grants),
        agreed_until=from_epoch_seconds(consents[0][2]) if consents else None,
        receipts=tuple(Receipt(from_epoch_seconds(row[1]), split_words(row[3])) for row in released),
    )


def _card(row: Row) -> OwnCard:
    return OwnCard(
        credential_id=row[0],
        profile=row[1],
        kind=row[2],
        state=CredentialState(row[3]),
        first_seen_at=from_epoch_seconds(row[4]),
        last_seen_at=from_epoch_seconds(row[5]),
    )
