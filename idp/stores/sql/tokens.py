"""Access and refresh tokens, by hash; a token lives only while its grant, account and credential do.

Source: RFC 6749 §1.4, §1.5; RFC 7009; RFC 9700 §4.14.2.
"""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.confirmation import Confirmation
from idp.oidc.grant import Grant, LiveAccessToken, StoredRefreshToken
from idp.stores.sql.column_value import from_optional_seconds, join_words, split_words
from idp.stores.sql.database import Row, Statements
from idp.stores.sql.grant_row import GRANT_COLUMNS, GRANT_WIDTH, read_grant

_OWNERS: Final = """
JOIN accounts ON accounts.account_id = grants.account_id
JOIN credentials ON credentials.credential_id = grants.credential_id
"""
_IS_LIVE: Final = "grants.revoked_at IS NULL AND accounts.state = 'active' AND credentials.state = 'active'"
_FIND_ACCESS: Final = f"""
SELECT {GRANT_COLUMNS}, access_tokens.scope, access_tokens.expires_at, access_tokens.cnf,
       access_tokens.audience, access_tokens.authorization_details
FROM access_tokens JOIN grants ON grants.grant_id = access_tokens.grant_id {_OWNERS}
WHERE access_tokens.token_hash = ? AND access_tokens.expires_at > ? AND {_IS_LIVE}
"""
_FIND_ACCESS_GRANT: Final = f"""
SELECT {GRANT_COLUMNS} FROM access_tokens JOIN grants ON grants.grant_id = access_tokens.grant_id
WHERE access_tokens.token_hash = ? AND grants.client_id = ?
"""
_INSERT_ACCESS: Final = """
INSERT INTO access_tokens (token_hash, grant_id, scope, created_at, expires_at, cnf, audience, authorization_details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_REFRESH: Final = """
INSERT INTO refresh_tokens (token_hash, grant_id, scope, created_at, expires_at, cnf, grace_uses)
VALUES (?, ?, ?, ?, ?, ?, 0)
"""
_SPEND_REFRESH: Final = f"""
UPDATE refresh_tokens SET spent_at = ?
WHERE token_hash = ? AND spent_at IS NULL AND expires_at > ?
  AND EXISTS (SELECT 1 FROM grants {_OWNERS}
              WHERE grants.grant_id = refresh_tokens.grant_id AND grants.client_id = ? AND {_IS_LIVE})
RETURNING token_hash
"""
_FIND_REFRESH: Final = f"""
SELECT {GRANT_COLUMNS}, refresh_tokens.scope, refresh_tokens.created_at, refresh_tokens.expires_at,
       refresh_tokens.spent_at, refresh_tokens.grace_uses, CASE WHEN {_IS_LIVE} THEN 1 ELSE 0 END,
       refresh_tokens.cnf
FROM refresh_tokens JOIN grants ON grants.grant_id = refresh_tokens.grant_id {_OWNERS}
WHERE refresh_tokens.token_hash = ? AND grants.client_id = ?
"""
_EXTEND: Final = """
UPDATE refresh_tokens SET expires_at = ? WHERE token_hash = ? AND spent_at IS NULL AND expires_at > ? RETURNING grant_id
"""
_COUNT_GRACE: Final = """
UPDATE refresh_tokens SET grace_uses = grace_uses + 1 WHERE token_hash = ? AND grace_uses < ? RETURNING grace_uses
"""
_RETIRE: Final = "UPDATE refresh_tokens SET spent_at = ? WHERE grant_id = ? AND spent_at IS NULL"
_DELETE_ACCESS: Final = "DELETE FROM access_tokens WHERE token_hash = ?"


class TokenReads:
    """What is asked of tokens outside a transaction."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_access_token(self, token_hash: bytes, now: datetime) -> LiveAccessToken | None:
        """The token with its grant; None if unknown, expired, revoked, or its account or credential is not active."""
        row = self._statements.read_one(_FIND_ACCESS, (token_hash, to_epoch_seconds(now)))
        if row is None:
            return None
        scope, expires_at, cnf, audience, details = row[GRANT_WIDTH:]
        grant = read_grant(row)
        return LiveAccessToken(
            grant=grant,
            scope=split_words(scope),
            expires_at=from_epoch_seconds(expires_at),
            confirmation=_read_cnf(cnf),
            audience=split_words(audience),
            authorization_details=grant.authorization_details if details is None else AuthorizationDetails(details),
        )


class TokenWrites:
    """What a durable transaction does with tokens."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_access_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
        audience: tuple[str, ...] = (),
        authorization_details: AuthorizationDetails | None = None,
    ) -> None:
        """Record an access token by its hash; ``authorization_details`` None stands for those of the grant."""
        row = _token_row(token_hash, grant_id, scope, now, expires_at, confirmation)
        details = None if authorization_details is None else authorization_details.text
        self._statements.write(_INSERT_ACCESS, (*row, join_words(audience), details))

    def insert_refresh_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
    ) -> None:
        """Record a refresh token by its hash."""
        self._statements.write(_INSERT_REFRESH, _token_row(token_hash, grant_id, scope, now, expires_at, confirmation))

    def spend_refresh_token(self, token_hash: bytes, client_id: str, now: datetime) -> StoredRefreshToken | None:
        """Mark an unspent, unexpired token of a live grant of this client spent, in one statement; None otherwise.

        The token is then read by a second statement: SQLite returns no columns of joined tables.
        """
        seconds = to_epoch_seconds(now)
        if not self._statements.write(_SPEND_REFRESH, (seconds, token_hash, seconds, client_id)):
            return None
        return self.find_refresh_token(token_hash, client_id)

    def extend_refresh_token(self, token_hash: bytes, now: datetime, expires_at: datetime) -> bool:
        """Let an unspent, unexpired token live until ``expires_at``, in one statement; False if there is none."""
        return bool(self._statements.write(_EXTEND, (to_epoch_seconds(expires_at), token_hash, to_epoch_seconds(now))))

    def find_refresh_token(self, token_hash: bytes, client_id: str) -> StoredRefreshToken | None:
        """The token in whatever state, for judging a reuse."""
        row = self._statements.read_one(_FIND_REFRESH, (token_hash, client_id))
        return None if row is None else _read_refresh_token(row)

    def count_refresh_grace_use(self, token_hash: bytes, limit: int) -> bool:
        """Count one more use within the grace window, in one statement; False if ``limit`` was reached."""
        return bool(self._statements.write(_COUNT_GRACE, (token_hash, limit)))

    def retire_refresh_tokens(self, grant_id: str, now: datetime) -> None:
        """Mark every unspent refresh token of the grant spent."""
        self._statements.write(_RETIRE, (to_epoch_seconds(now), grant_id))

    def find_access_token_grant(self, token_hash: bytes, client_id: str) -> Grant | None:
        """The grant of an access token of this client in whatever state, for revocation."""
        row = self._statements.read_one(_FIND_ACCESS_GRANT, (token_hash, client_id))
        return None if row is None else read_grant(row)

    def delete_access_token(self, token_hash: bytes) -> None:
        """End one access token."""
        self._statements.write(_DELETE_ACCESS, (token_hash,))


def _token_row(
    token_hash: bytes,
    grant_id: str,
    scope: tuple[str, ...],
    now: datetime,
    expires_at: datetime,
    confirmation: Confirmation | None,
) -> tuple[bytes, str, str, int, int, str | None]:
    cnf = None if confirmation is None else confirmation.to_text()
    return token_hash, grant_id, join_words(scope), to_epoch_seconds(now), to_epoch_seconds(expires_at), cnf


def _read_refresh_token(row: Row) -> StoredRefreshToken:
    scope, created_at, expires_at, spent_at, grace_uses, is_live, cnf = row[GRANT_WIDTH:]
    return StoredRefreshToken(
        grant=read_grant(row),
        scope=split_words(scope),
        created_at=from_epoch_seconds(created_at),
        expires_at=from_epoch_seconds(expires_at),
        spent_at=from_optional_seconds(spent_at),
        grace_uses=grace_uses,
        is_grant_live=bool(is_live),
        confirmation=_read_cnf(cnf),
    )


def _read_cnf(cnf: str | None) -> Confirmation | None:
    return None if cnf is None else Confirmation.from_text(cnf)
