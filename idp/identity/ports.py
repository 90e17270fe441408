"""What identity needs from the outside world, matched structurally by ``stores``."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from idp.audit import AuditWriter
from idp.identity.account import Account
from idp.identity.attachment import Attachment
from idp.identity.credential import Credential, LookupDigest
from idp.identity.person import PersonReference


class IdentityReader(Protocol):
    """Reads of one statement each, outside a transaction."""

    def find_credential(self, digests: Sequence[LookupDigest]) -> Credential | None:
        """The credential known under any of the digests, with its account's state."""
        ...

    def find_subject(self, account_id: str, sector: str) -> str | None:
        """The ``sub`` by which the sector knows the account."""
        ...


class IdentityWriter(AuditWriter, Protocol):
    """Writes inside one durable transaction."""

    def find_credential(self, digests: Sequence[LookupDigest]) -> Credential | None:
        """As in the reader, inside the transaction."""
        ...

    def insert_account(self, account: Account) -> None:
        """Record a new account."""
        ...

    def delete_unused_account(self, account_id: str) -> None:
        """Take back ``insert_account`` of this same transaction, where another transaction recorded the credential."""
        ...

    def insert_credential(self, credential: Credential, now: datetime) -> bool:
        """Record a credential; False if another transaction has recorded the same digest (then look again)."""
        ...

    def find_account_by_link(self, digests: Sequence[LookupDigest]) -> Account | None:
        """The account that a person reaches who is known under any of the digests."""
        ...

    def find_link_key_ids(self, account_id: str) -> frozenset[str]:
        """Under which look-up keys the account's person is recorded; empty if it is not."""
        ...

    def find_attachments(self, account_id: str) -> tuple[Attachment, ...]:
        """All attachments of an account, oldest first."""
        ...

    def insert_account_link(self, link: LookupDigest, account_id: str, check_id: str, now: datetime) -> bool:
        """Record a person's account; False if the digest is recorded already (then look again)."""
        ...

    def set_credential_link(self, credential_id: str, link: LookupDigest) -> None:
        """Note whom an operator named for this credential; it is asked no more as long as the account has that link."""
        ...

    def delete_account_links(self, digests: Sequence[LookupDigest]) -> None:
        """Forget digests under older look-up keys, after the newest one is recorded."""
        ...

    def rewrite_credential_lookup(self, credential_id: str, lookup: LookupDigest, now: datetime) -> None:
        """Store the digest under the newest look-up key."""
        ...

    def find_or_insert_subject(self, account_id: str, sector: str, candidate_sub: str, now: datetime) -> str:
        """The sector's ``sub`` for the account; ``candidate_sub`` if there was none. Never two for one pair."""
        ...

    def revoke_credential(self, credential_id: str, now: datetime) -> None:
        """End the credential, its browser sessions, grants and tokens."""
        ...

    def set_account_state(self, account_id: str, state: str, now: datetime) -> bool:
        """Suspend or resume; False if there is no such account."""
        ...

    def end_account_sessions(self, account_id: str, now: datetime) -> int:
        """End every browser session, grant and token of the account; how many sessions and grants ended."""
        ...


class IdentityStore(IdentityReader, Protocol):
    """Durable state of accounts."""

    def writing(self) -> AbstractContextManager[IdentityWriter]:
        """One durable transaction."""
        ...


class LinkReader(Protocol):
    """What decides whether an operator has to be asked, in one statement outside a transaction."""

    def has_link(self, digests: Sequence[LookupDigest], link_key_id: str) -> bool:
        """Whether a credential is known under any of the digests, and an operator named its account's person for it.

        Takes: link_key_id, the look-up key under which that answer must stand.
        """
        ...


class LinkageSource(Protocol):
    """A platform operator that knows which certificates are one person's; it is asked over the network.

    ``operator`` is the name under which its identifiers are unique and keep their meaning.
    """

    operator: str

    def find_person(self, issuer_key_id: bytes, serial: bytes, now: datetime) -> PersonReference:
        """Who holds the certificate.

        Raises: CardUnverifiable: linkage_unavailable, for every answer that is not a person.
        """
        ...


class LookupKeyCanaries(Protocol):
    """Proof, kept in the database, that a look-up key is the one it was."""

    def find_canary(self, key_id: str) -> bytes | None:
        """The stored canary of a key, or None if the key is new."""
        ...

    def insert_canary(self, key_id: str, canary: bytes, now: datetime) -> None:
        """Record a new key's canary; one that is stored already stays as it is (two processes may start together)."""
        ...

    def count_credentials_by_key(self) -> Mapping[str, int]:
        """How many credentials are stored under each look-up key; ids with none may be left out."""
        ...
