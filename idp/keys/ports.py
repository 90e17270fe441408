"""What keys need from the outside world, matched structurally by ``stores``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.audit import AuditRecord


@dataclass(frozen=True, slots=True)
class StoredSigningKey:
    """A signing key at rest: its private part encrypted under the key-encryption key, bound to its ``kid``.

    It signs from ``signs_from`` until ``signs_until`` (None: until rotated) and is published until ``published_until``.
    """

    kid: str
    alg: str
    encrypted_private_jwk: bytes
    public_jwk: str
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None


class SigningKeyStore(Protocol):
    """Signing keys at rest."""

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        """All keys still published, in order of ``created_at``."""
        ...

    def rotate_signing_key(
        self, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime, audit: AuditRecord
    ) -> None:
        """Insert the key and end, in the same transaction, the signing of the algorithm's present keys.

        Present are those whose ``signs_until`` is None or after ``retire_at``: they get ``signs_until = retire_at`` and
        ``published_until``. A key that an earlier rotation ends sooner keeps its dates. The audit record is written in
        the same transaction.
        """
        ...
