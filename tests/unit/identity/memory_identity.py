"""The identity ports in memory, as one transaction sees them."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from idp.audit import AuditRecord
from idp.identity.account import Account, AccountState
from idp.identity.attachment import Attachment
from idp.identity.credential import Credential, CredentialState, LookupDigest


class MemoryIdentity:
    """Accounts, credentials and subjects, with the audit they wrote."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.credentials: dict[str, Credential] = {}
        self.subjects: dict[tuple[str, str], str] = {}
        self.links: dict[LookupDigest, str] = {}
        self.audit: list[AuditRecord] = []
        self.rewritten: list[str] = []
        self.arrives_first: Credential | None = None

    def find_credential(self, digests: Sequence[LookupDigest]) -> Credential | None:
        for credential in self.credentials.values():
            if credential.lookup in digests:
                account = self.accounts[credential.account_id]
                return dataclasses.replace(credential, is_account_active=account.state is AccountState.ACTIVE)
        return None

    def find_subject(self, account_id: str, sector: str) -> str | None:
        return self.subjects.get((account_id, sector))

    def insert_account(self, account: Account) -> None:
        self.accounts[account.account_id] = account

    def delete_unused_account(self, account_id: str) -> None:
        assert all(credential.account_id != account_id for credential in self.credentials.values())
        del self.accounts[account_id]
        self.links = {digest: owner for digest, owner in self.links.items() if owner != account_id}

    def find_account_by_link(self, digests: Sequence[LookupDigest]) -> Account | None:
        return next((self.accounts[self.links[digest]] for digest in digests if digest in self.links), None)

    def find_link_key_ids(self, account_id: str) -> frozenset[str]:
        return frozenset(digest.key_id for digest, owner in self.links.items() if owner == account_id)

    def find_attachments(self, account_id: str) -> tuple[Attachment, ...]:
        return ()

    def insert_account_link(self, link: LookupDigest, account_id: str, check_id: str, now: datetime) -> bool:
        return self.links.setdefault(link, account_id) == account_id

    def delete_account_links(self, digests: Sequence[LookupDigest]) -> None:
        for digest in digests:
            self.links.pop(digest, None)

    def has_link(self, digests: Sequence[LookupDigest], link_key_id: str) -> bool:
        credential = self.find_credential(digests)
        if credential is None or credential.link_digest is None:
            return False
        return self.links.get(LookupDigest(link_key_id, credential.link_digest)) == credential.account_id

    def set_credential_link(self, credential_id: str, link: LookupDigest) -> None:
        self.credentials[credential_id] = dataclasses.replace(self.credentials[credential_id], link_digest=link.digest)

    def insert_credential(self, credential: Credential, now: datetime) -> bool:
        if self.arrives_first is not None:
            self.credentials[self.arrives_first.credential_id] = self.arrives_first
        if any(other.lookup == credential.lookup for other in self.credentials.values()):
            return False
        self.credentials[credential.credential_id] = credential
        return True

    def rewrite_credential_lookup(self, credential_id: str, lookup: LookupDigest, now: datetime) -> None:
        self.credentials[credential_id] = dataclasses.replace(self.credentials[credential_id], lookup=lookup)
        self.rewritten.append(credential_id)

    def find_or_insert_subject(self, account_id: str, sector: str, candidate_sub: str, now: datetime) -> str:
        return self.subjects.setdefault((account_id, sector), candidate_sub)

    def revoke_credential(self, credential_id: str, now: datetime) -> None:
        self.set_credential_state(credential_id, CredentialState.REVOKED)

    def set_credential_state(self, credential_id: str, state: CredentialState) -> None:
        self.credentials[credential_id] = dataclasses.replace(self.credentials[credential_id], state=state)

    def set_account_state(self, account_id: str, state: str, now: datetime) -> bool:
        if account_id not in self.accounts:
            return False
        self.accounts[account_id] = dataclasses.replace(self.accounts[account_id], state=AccountState(state))
        return True

    def end_account_sessions(self, account_id: str, now: datetime) -> int:
        return 0

    def append_audit(self, record: AuditRecord) -> None:
        self.audit.append(record)


class MemoryCanaries:
    """Canaries and counts of credentials; ``arrives_first`` is what another process stores before we do."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self.canaries: dict[str, bytes] = {}
        self.counts = dict(Counter(counts or {}))
        self.arrives_first: dict[str, bytes] = {}

    def find_canary(self, key_id: str) -> bytes | None:
        return self.canaries.get(key_id)

    def insert_canary(self, key_id: str, canary: bytes, now: datetime) -> None:
        self.canaries.setdefault(key_id, self.arrives_first.get(key_id, canary))

    def count_credentials_by_key(self) -> Mapping[str, int]:
        return self.counts
