"""Credentials as a revocation list finds them: by digest, many in one statement."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.database import Statements
from idp.stores.sql.session_ends import end_sign_ins

_LIVE_DIGESTS: Final = """
SELECT lookup_digest FROM credentials WHERE lookup_key_id = ? AND state <> 'revoked' LIMIT ?
"""
_FIND: Final = """
SELECT credential_id FROM credentials WHERE lookup_key_id = ? AND lookup_digest IN ({}) AND state <> 'revoked'
"""
_REVOKE: Final = """
UPDATE credentials SET state = 'revoked', state_changed_at = ?, sealed_serial = NULL, status_due_at = NULL,
                       status_time = NULL
WHERE credential_id IN ({}) AND state <> 'revoked'
RETURNING account_id
"""


class ListedCredentialReads:
    """What is asked outside a transaction, for it is asked often and finds little."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_live_digests(self, lookup_key_id: str, limit: int) -> frozenset[bytes] | None:
        """The digests under one look-up key of the credentials that are not revoked; None if there are more."""
        rows = self._statements.read_all(_LIVE_DIGESTS, (lookup_key_id, limit + 1))
        return frozenset(row[0] for row in rows) if len(rows) <= limit else None

    def find_listed_credentials(self, lookup_key_id: str, digests: Sequence[bytes]) -> tuple[str, ...]:
        """The ids of the credentials with one of the digests that are not revoked."""
        if not digests:
            return ()
        rows = self._statements.read_all(_for_many(_FIND, len(digests)), (lookup_key_id, *digests))
        return tuple(str(row[0]) for row in rows)


class ListedCredentialWrites:
    """What a durable transaction does with those that were found."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def revoke_listed_credentials(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        """End the credentials, their browser sessions, grants and tokens; the account of each that was not revoked."""
        if not credential_ids:
            return ()
        sql = _for_many(_REVOKE, len(credential_ids))
        rows = self._statements.write(sql, (to_epoch_seconds(now), *credential_ids))
        self.end_credential_sign_ins(credential_ids, now)
        return tuple(str(row[0]) for row in rows)

    def end_credential_sign_ins(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        """End the credentials' browser sessions, grants and tokens; the accounts for which anything ended."""
        if not credential_ids:
            return ()
        ended = end_sign_ins(self._statements, "credential_id", credential_ids, now)
        return tuple(sorted({*(session.account_id for session in ended.sessions), *ended.grant_account_ids}))


@cache
def _for_many(sql: str, count: int) -> str:
    return sql.format(", ".join("?" * count))
