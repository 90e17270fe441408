"""Grants and their codes: recorded, spent once, revoked.

Source: RFC 6749 §4.1.2, §10.5; RFC 9700 §4.5.
"""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.oidc.grant import AlreadyGranted, Grant, SpentCode
from idp.stores.sql.database import Statements
from idp.stores.sql.grant_row import GRANT_COLUMNS, GRANT_WIDTH, read_grant, to_grant_row

_INSERT: Final = f"""
INSERT INTO grants ({GRANT_COLUMNS.replace("grants.", "")}, code_hash, code_expires_at, expires_at)
VALUES ({", ".join("?" * (GRANT_WIDTH + 3))})
ON CONFLICT (txn) DO NOTHING RETURNING grant_id
"""
_REPLACE_CODE: Final = """
UPDATE grants SET code_hash = ?, code_expires_at = ?, expires_at = ?
WHERE txn = ? AND code_spent_at IS NULL AND revoked_at IS NULL AND (created_at <= ? OR code_hash = ?)
RETURNING grant_id
"""
# A wrong verifier, redirect_uri or key ends the grant in the very transaction that spends its code: not redeemed.
# IS NOT NULL is said because SQLite finds null by "=" in an index where the other side comes from RETURNING.
_REDEEMED_BEFORE: Final = """
EXISTS (SELECT 1 FROM grants AS former
        WHERE former.client_id = grants.client_id AND former.{0} = grants.{0} AND former.{0} IS NOT NULL
          AND former.grant_id <> grants.grant_id AND former.code_spent_at IS NOT NULL
          AND (former.revoked_at IS NULL OR former.revoked_at > former.code_spent_at))
"""
_SPEND: Final = f"""
UPDATE grants SET code_spent_at = ?
WHERE code_hash = ? AND client_id = ? AND code_spent_at IS NULL AND code_expires_at > ? AND revoked_at IS NULL
  AND EXISTS (SELECT 1 FROM accounts WHERE accounts.account_id = grants.account_id AND accounts.state = 'active')
  AND EXISTS (SELECT 1 FROM credentials
              WHERE credentials.credential_id = grants.credential_id AND credentials.state = 'active')
RETURNING {GRANT_COLUMNS}, {_REDEEMED_BEFORE.format("code_challenge")}, {_REDEEMED_BEFORE.format("nonce")}
"""
_FIND_SPENT: Final = f"""
SELECT {GRANT_COLUMNS} FROM grants WHERE code_hash = ? AND client_id = ? AND code_spent_at IS NOT NULL
"""
_REVOKE: Final = "UPDATE grants SET revoked_at = ? WHERE grant_id = ? AND revoked_at IS NULL RETURNING grant_id"


class GrantWrites:
    """What a durable transaction does with grants."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def insert_grant(self, grant: Grant, code_hash: bytes, code_expires_at: datetime) -> None:
        """Record a grant with the one code that redeems it.

        Raises: AlreadyGranted: there is a grant with this ``txn``. StoreConflict: the client, account or credential
                has been removed meanwhile.
        """
        ends_at = to_epoch_seconds(code_expires_at)
        if not self._statements.write(_INSERT, (*to_grant_row(grant), code_hash, ends_at, ends_at)):
            raise AlreadyGranted

    def replace_code(self, txn: str, code_hash: bytes, code_expires_at: datetime, granted_before: datetime) -> bool:
        """Give the grant of a sign-in another code in place of one that nobody has redeemed, in one statement.

        False where it was made later than ``granted_before``, unless with this very code.
        """
        ends_at = to_epoch_seconds(code_expires_at)
        parameters = (code_hash, ends_at, ends_at, txn, to_epoch_seconds(granted_before), code_hash)
        return bool(self._statements.write(_REPLACE_CODE, parameters))

    def spend_code(self, code_hash: bytes, client_id: str, now: datetime) -> SpentCode | None:
        """Mark the code spent, in one statement; of many callers one gets the grant, all others None.

        None also for an unknown code, an expired one, another client's, a revoked grant's, or where account or
        credential is not active. The same statement looks for the same challenge and nonce in redeemed codes.
        """
        seconds = to_epoch_seconds(now)
        rows = self._statements.write(_SPEND, (seconds, code_hash, client_id, seconds))
        if not rows:
            return None
        row = rows[0]
        return SpentCode(read_grant(row), bool(row[GRANT_WIDTH]), bool(row[GRANT_WIDTH + 1]))

    def find_spent_code_grant(self, code_hash: bytes, client_id: str) -> Grant | None:
        """The grant of a code of this client that was spent before (a reuse), or None."""
        row = self._statements.read_one(_FIND_SPENT, (code_hash, client_id))
        return None if row is None else read_grant(row)

    def revoke_grant(self, grant_id: str, now: datetime) -> bool:
        """End the grant and with it every token; False if it was revoked already."""
        return bool(self._statements.write(_REVOKE, (to_epoch_seconds(now), grant_id)))
