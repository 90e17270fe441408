"""The provider's signing keys at rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from idp.audit import AuditRecord
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.keys.ports import StoredSigningKey, Succession
from idp.stores.sql.audit_events import AuditWrites
from idp.stores.sql.column_value import from_optional_seconds, to_optional_seconds
from idp.stores.sql.database import Database, Statements

_FIND: Final = """
SELECT kid, alg, encrypted_private_jwk, public_jwk, created_at, signs_from, signs_until, published_until, erased_at,
       revoked_at
FROM signing_keys WHERE published_until IS NULL OR published_until > ? OR revoked_at IS NOT NULL
ORDER BY created_at, kid
"""
_INSERT: Final = """
INSERT INTO signing_keys (kid, alg, encrypted_private_jwk, public_jwk, created_at, signs_from, signs_until,
                          published_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_RETIRE: Final = """
UPDATE signing_keys SET signs_until = ?, published_until = ?
WHERE alg = ? AND kid <> ? AND (signs_until IS NULL OR signs_until > ?)
"""
# The row's lock decides between nodes: the second finds an end and changes nothing.
_SUCCEED: Final = """
UPDATE signing_keys SET signs_until = ?, published_until = ?
WHERE kid = ? AND signs_until IS NULL AND revoked_at IS NULL RETURNING kid
"""
_ERASE: Final = """
UPDATE signing_keys SET encrypted_private_jwk = ?, erased_at = ?
WHERE kid = ? AND erased_at IS NULL AND revoked_at IS NULL AND signs_until <= ? RETURNING kid
"""
_REVOKE: Final = """
UPDATE signing_keys SET revoked_at = ?, published_until = ?, encrypted_private_jwk = ?,
       erased_at = COALESCE(erased_at, ?),
       signs_until = CASE WHEN signs_until IS NULL OR signs_until > ? THEN ? ELSE signs_until END
WHERE kid = ? AND revoked_at IS NULL
"""
_ACTIVATE: Final = "UPDATE signing_keys SET signs_from = ? WHERE kid = ? AND signs_from > ?"


class SigningKeys:
    """Signing keys, read all together and rotated in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        """All keys still published, and those revoked of late, in order of ``created_at``."""
        return tuple(
            StoredSigningKey(
                kid=row[0],
                alg=row[1],
                encrypted_private_jwk=row[2],
                public_jwk=row[3],
                created_at=from_epoch_seconds(row[4]),
                signs_from=from_epoch_seconds(row[5]),
                signs_until=from_optional_seconds(row[6]),
                published_until=from_optional_seconds(row[7]),
                erased_at=from_optional_seconds(row[8]),
                revoked_at=from_optional_seconds(row[9]),
            )
            for row in self._database.read_all(_FIND, (to_epoch_seconds(now),))
        )

    def rotate_signing_key(
        self, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime, audit: AuditRecord
    ) -> None:
        """Insert the key and end, in the same transaction, the signing of the algorithm's present keys.

        Present are those whose ``signs_until`` is None or after ``retire_at``; a key that ends sooner keeps its dates.
        """
        with self._database.transaction() as transaction:
            transaction.write(_INSERT, _row_of(new_key))
            _retire_others(transaction, new_key, retire_at, published_until)
            AuditWrites(transaction).append_audit(audit)

    def succeed_signing_key(
        self,
        present_kid: str,
        new_key: StoredSigningKey,
        retire_at: datetime,
        published_until: datetime,
        audit: AuditRecord,
    ) -> bool:
        """The same, if the present key has no end yet; of many callers that name the same key one gets True."""
        ends = (to_epoch_seconds(retire_at), to_epoch_seconds(published_until))
        with self._database.transaction() as transaction:
            if not transaction.write(_SUCCEED, (*ends, present_kid)):
                return False
            transaction.write(_INSERT, _row_of(new_key))
            _retire_others(transaction, new_key, retire_at, published_until)
            AuditWrites(transaction).append_audit(audit)
        return True

    def erase_private_key(self, kid: str, encrypted_public_jwk: bytes, now: datetime, audit: AuditRecord) -> bool:
        """Put the public half in the place of the private one, of a key that signs no more; False if it is done."""
        seconds = to_epoch_seconds(now)
        with self._database.transaction() as transaction:
            if not transaction.write(_ERASE, (encrypted_public_jwk, seconds, kid, seconds)):
                return False
            AuditWrites(transaction).append_audit(audit)
        return True

    def revoke_signing_keys(
        self, kids: Sequence[str], succession: Succession, now: datetime, audits: Sequence[AuditRecord]
    ) -> None:
        """Withdraw the keys and destroy their private halves, and let others take over, in one transaction."""
        seconds = to_epoch_seconds(now)
        with self._database.transaction() as transaction:
            for kid in kids:
                transaction.write(_REVOKE, (seconds, seconds, b"", seconds, seconds, seconds, kid))
            if succession.activated_kid is not None:
                transaction.write(_ACTIVATE, (seconds, succession.activated_kid, seconds))
            if succession.new_key is not None:
                transaction.write(_INSERT, _row_of(succession.new_key))
            for audit in audits:
                AuditWrites(transaction).append_audit(audit)


def _row_of(key: StoredSigningKey) -> tuple[Any, ...]:
    return (
        key.kid,
        key.alg,
        key.encrypted_private_jwk,
        key.public_jwk,
        to_epoch_seconds(key.created_at),
        to_epoch_seconds(key.signs_from),
        to_optional_seconds(key.signs_until),
        to_optional_seconds(key.published_until),
    )


def _retire_others(
    transaction: Statements, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime
) -> None:
    retires_at = to_epoch_seconds(retire_at)
    ends = (retires_at, to_epoch_seconds(published_until))
    transaction.write(_RETIRE, (*ends, new_key.alg, new_key.kid, retires_at))
