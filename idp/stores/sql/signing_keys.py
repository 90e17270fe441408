"""The provider's signing keys at rest."""

from datetime import datetime
from typing import Final

from idp.audit import AuditRecord
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.keys.ports import StoredSigningKey
from idp.stores.sql.audit_events import AuditWrites
from idp.stores.sql.column_value import from_optional_seconds, to_optional_seconds
from idp.stores.sql.database import Database

_FIND: Final = """
SELECT kid, alg, encrypted_private_jwk, public_jwk, created_at, signs_from, signs_until, published_until
FROM signing_keys WHERE published_until IS NULL OR published_until > ?
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


class SigningKeys:
    """Signing keys, read all together and rotated in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        """All keys still published, in order of ``created_at``."""
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
            )
            for row in self._database.read_all(_FIND, (to_epoch_seconds(now),))
        )

    def rotate_signing_key(
        self, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime, audit: AuditRecord
    ) -> None:
        """Insert the key and end, in the same transaction, the signing of the algorithm's present keys.

        Present are those whose ``signs_until`` is None or after ``retire_at``; a key that ends sooner keeps its dates.
        """
        row = (
            new_key.kid,
            new_key.alg,
            new_key.encrypted_private_jwk,
            new_key.public_jwk,
            to_epoch_seconds(new_key.created_at),
            to_epoch_seconds(new_key.signs_from),
            to_optional_seconds(new_key.signs_until),
            to_optional_seconds(new_key.published_until),
        )
        retires_at = to_epoch_seconds(retire_at)
        ends = (retires_at, to_epoch_seconds(published_until))
        with self._database.transaction() as transaction:
            transaction.write(_INSERT, row)
            transaction.write(_RETIRE, (*ends, new_key.alg, new_key.kid, retires_at))
            AuditWrites(transaction).append_audit(audit)
