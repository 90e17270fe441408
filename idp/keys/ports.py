"""What keys need from the outside world, matched structurally by ``stores``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.audit import AuditRecord


@dataclass(frozen=True, slots=True)
class StoredSigningKey:
    """A signing key at rest: its private part encrypted under the key-encryption key, bound to its ``kid``.

    It signs from ``signs_from`` until ``signs_until`` (None: until rotated) and is published until ``published_until``.
    Since ``erased_at`` there is its public half alone, encrypted all the same; since ``revoked_at`` there is nothing.
    """

    kid: str
    alg: str
    encrypted_private_jwk: bytes
    public_jwk: str
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None
    erased_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """What takes the place of revoked keys: an announced key that signs from now on, a new one, both or neither."""

    activated_kid: str | None
    new_key: StoredSigningKey | None


class SigningKeyStore(Protocol):
    """Signing keys at rest."""

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        """All keys still published, and those revoked of late, in order of ``created_at``."""
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

    def succeed_signing_key(
        self,
        present_kid: str,
        new_key: StoredSigningKey,
        retire_at: datetime,
        published_until: datetime,
        audit: AuditRecord,
    ) -> bool:
        """The same, if the present key has no end yet; of many callers that name the same key one gets True.

        Decided by one statement on the present key's row; whoever comes second changes nothing.
        """
        ...

    def erase_private_key(self, kid: str, encrypted_public_jwk: bytes, now: datetime, audit: AuditRecord) -> bool:
        """Put the public half in the place of the private one, of a key that signs no more; False if it is done."""
        ...

    def revoke_signing_keys(
        self, kids: Sequence[str], succession: Succession, now: datetime, audits: Sequence[AuditRecord]
    ) -> None:
        """Withdraw the keys and destroy their private halves, and let others take over, in one transaction."""
        ...
