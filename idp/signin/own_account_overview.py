"""What a person is shown of their own account: times, kinds and names of claims; no serial number and no value."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.identity.account import Account
from idp.identity.credential import CredentialState
from idp.signin.evidence_record import EvidenceRecord


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A certificate that the person signed in or signed with."""

    credential_id: str
    profile: str
    kind: str
    state: CredentialState
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a service was given about the person at one moment, by claim names."""

    at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachedClient:
    """A service that the person signed in to.

    ``since`` and ``last_at`` are the first and last sign-in that is still on record; ``has_access`` says that it holds
    a code or a token that works; ``agreed_until`` is the end of a remembered consent.
    """

    client_id: str
    since: datetime
    last_at: datetime
    has_access: bool
    agreed_until: datetime | None
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """One account as its person sees it; services with the latest first."""

    opened_at: datetime
    cards: tuple[OwnCard, ...]
    services: tuple[ReachedClient, ...]


class AccountOverviewReader(Protocol):
    """The account's own rows and no other's."""

    def find_account_overview(self, account_id: str, own_client_id: str, now: datetime) -> AccountOverview | None:
        """Everything shown on the page, without what was recorded for ``own_client_id``; None if it is closed."""
        ...

    def find_active_accounts(self, account_ids: Collection[str]) -> tuple[Account, ...]:
        """Those of the accounts that are active, the oldest first."""
        ...

    def find_account_evidence(self, account_id: str) -> tuple[EvidenceRecord, ...]:
        """All records of evidence about a person, oldest first."""
        ...


class OwnAccountWriter(Protocol):
    """What a person's own decision changes, inside one durable transaction."""

    def delete_consent(self, account_id: str, client_id: str) -> bool:
        """Forget a consent; False if none was remembered."""
        ...

    def end_client_grants(self, account_id: str, client_id: str, now: datetime) -> int:
        """End the account's grants to one client with their tokens, and forget what they release; how many ended."""
        ...

    def erase_account(self, account_id: str, now: datetime) -> tuple[str, ...]:
        """Delete what is known of the account; it stays closed, with its subjects and its blocked credentials.

        Returns: it and the accounts that were merged into it, which are closed too.
        """
        ...

    def delete_account_evidence(self, account_id: str) -> tuple[tuple[str, str], ...]:
        """Delete what is kept about a person without a hold and without a client's legal basis; (txn, client_id)."""
        ...
