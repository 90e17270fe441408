"""What the doctor and the looks at stored credentials need of the stores, matched structurally from above."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from idp.audit import AuditWriter


class DatabaseFacts(Protocol):
    """The durable database as a thing that can be of the wrong version, of another installation, or down.

    Every method may raise StoreUnavailable.
    """

    def find_revision(self) -> str | None:
        """The schema's revision; None in an empty database."""
        ...

    def get_expected_revision(self) -> str:
        """The revision that this version of the program works with."""
        ...

    def find_installation(self) -> tuple[str, str] | None:
        """The environment and the issuer that the database was made for; None if it was never set up."""
        ...

    def read_clock(self) -> datetime:
        """The database's own time; for an embedded database, this machine's."""
        ...


class CredentialEndWriter(AuditWriter, Protocol):
    """What one durable transaction does with credentials that a source calls revoked or on hold."""

    def revoke_listed_credentials(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        """End the credentials, their browser sessions, grants and tokens.

        Returns: the account of each that was not revoked before.
        """
        ...

    def end_credential_sign_ins(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        """End the credentials' browser sessions, grants and tokens; the credentials stay as they are.

        Returns: the accounts for which anything ended.
        """
        ...


class CredentialEnds(Protocol):
    """Where credentials end."""

    def writing(self) -> AbstractContextManager[CredentialEndWriter]:
        """One durable transaction. Raises: StoreUnavailable."""
        ...


class ListedCredentialStore(CredentialEnds, Protocol):
    """Credentials as a revocation list finds them: by digest, many at a time. All may raise StoreUnavailable."""

    def find_live_digests(self, lookup_key_id: str, limit: int) -> frozenset[bytes] | None:
        """The digests under one look-up key of the credentials that are not revoked; None if there are more."""
        ...

    def find_listed_credentials(self, lookup_key_id: str, digests: Sequence[bytes]) -> tuple[str, ...]:
        """The ids of the credentials with one of the digests that are not revoked."""
        ...


class SweepNote(Protocol):
    """A transient record."""

    @property
    def value(self) -> bytes:
        """What was noted."""
        ...

    @property
    def version(self) -> int:
        """By which the next writer proves that it has seen it."""
        ...


class SweepNotes(Protocol):
    """Where the sweep notes which lists it is done with; if the notes are lost, the lists are swept again."""

    def find(self, kind: str, key: str, now: datetime) -> SweepNote | None:
        """The record, if it is there."""
        ...

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new record; False if the key is there already."""
        ...

    def replace(self, kind: str, key: str, version: int, value: bytes, expires_at: datetime, now: datetime) -> bool:
        """Store a new value if the record still has ``version``."""
        ...
