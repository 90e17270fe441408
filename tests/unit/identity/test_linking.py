"""Which account a verified credential reaches."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.audit import AuditEvent
from idp.identifiers import is_identifier
from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, PresentedCredential
from idp.identity.errors import AccountSuspended, CredentialRefused, CredentialRevoked, CredentialSuspended
from idp.identity.linking import CredentialIsPerson, FoundAccount, find_or_open_account
from idp.identity.lookup_keys import LookupKey, LookupKeys, digest_credential
from idp.identity.ports import IdentityWriter
from tests.unit.identity.memory_identity import MemoryIdentity

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OLD = LookupKey("2025", hashlib.sha256(b"old").digest())
NEW = LookupKey("2026", hashlib.sha256(b"new").digest())


def present(serial: int = 1, keys: tuple[LookupKey, ...] = (OLD,)) -> PresentedCredential:
    return PresentedCredential(
        digests=digest_credential(LookupKeys(keys), b"issuer", serial.to_bytes(4, "big")),
        profile="card",
        kind="card",
        valid_until=NOW + timedelta(days=400),
    )


def sign_in(identity: MemoryIdentity, presented: PresentedCredential) -> FoundAccount:
    return find_or_open_account(identity, presented, linkage=CredentialIsPerson(), now=NOW, txn="T1")


class LinkedTo:
    """A linkage that knows the person."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def find_linked_account(self, writer: IdentityWriter, presented: PresentedCredential) -> Account | None:
        return self.account

    def record_link(
        self, writer: IdentityWriter, presented: PresentedCredential, account_id: str, credential_id: str, now: datetime
    ) -> bool:
        return account_id == self.account.account_id


def test_a_new_card_opens_an_account_and_says_so_to_the_auditor() -> None:
    identity = MemoryIdentity()
    found = sign_in(identity, present())
    assert found.is_new
    assert is_identifier(found.account_id)
    assert is_identifier(found.credential_id)
    [record] = identity.audit
    assert (record.event, record.account_id, record.txn) == (AuditEvent.ACCOUNT_OPENED, found.account_id, "T1")


def test_the_same_card_finds_its_account_again() -> None:
    identity = MemoryIdentity()
    first = sign_in(identity, present())
    second = sign_in(identity, present())
    assert second == replace(first, is_new=False)
    assert len(identity.audit) == 1
    assert identity.rewritten == []


def test_another_card_is_another_person() -> None:
    identity = MemoryIdentity()
    assert sign_in(identity, present(1)).account_id != sign_in(identity, present(2)).account_id


def test_a_card_known_under_an_older_key_keeps_its_account_and_moves_to_the_newest() -> None:
    identity = MemoryIdentity()
    before = sign_in(identity, present(keys=(OLD,)))
    during = sign_in(identity, present(keys=(NEW, OLD)))
    after = sign_in(identity, present(keys=(NEW,)))
    assert before.account_id == during.account_id == after.account_id
    assert identity.rewritten == [before.credential_id]


def test_a_revoked_credential_stays_refused() -> None:
    identity = MemoryIdentity()
    found = sign_in(identity, present())
    identity.revoke_credential(found.credential_id, NOW)
    for _ in range(2):
        with pytest.raises(CredentialRevoked) as refusal:
            sign_in(identity, present())
        assert (refusal.value.account_id, refusal.value.credential_id) == (found.account_id, found.credential_id)


def test_a_suspended_credential_is_refused() -> None:
    identity = MemoryIdentity()
    identity.set_credential_state(sign_in(identity, present()).credential_id, CredentialState.SUSPENDED)
    with pytest.raises(CredentialSuspended):
        sign_in(identity, present())


def test_a_suspended_account_is_refused_until_it_is_resumed() -> None:
    identity = MemoryIdentity()
    found = sign_in(identity, present())
    identity.set_account_state(found.account_id, AccountState.SUSPENDED, NOW)
    with pytest.raises(AccountSuspended):
        sign_in(identity, present())
    identity.set_account_state(found.account_id, AccountState.ACTIVE, NOW)
    assert sign_in(identity, present()).account_id == found.account_id


def test_revocation_is_told_before_suspension() -> None:
    # The two have different next steps, and only the municipal office helps with a revoked certificate.
    identity = MemoryIdentity()
    found = sign_in(identity, present())
    identity.set_account_state(found.account_id, AccountState.SUSPENDED, NOW)
    identity.revoke_credential(found.credential_id, NOW)
    with pytest.raises(CredentialRevoked):
        sign_in(identity, present())


def test_a_refused_credential_is_not_moved_to_the_newest_key() -> None:
    identity = MemoryIdentity()
    identity.revoke_credential(sign_in(identity, present()).credential_id, NOW)
    with pytest.raises(CredentialRefused):
        sign_in(identity, present(keys=(NEW, OLD)))
    assert identity.rewritten == []


def test_of_two_first_sign_ins_at_once_the_loser_joins_the_account_and_leaves_none_behind() -> None:
    identity = MemoryIdentity()
    winner = Account(account_id="winner", state=AccountState.ACTIVE, opened_at=NOW)
    identity.accounts["winner"] = winner
    identity.arrives_first = stored_under("winner")
    assert sign_in(identity, present()) == FoundAccount("winner", "first", is_new=False)
    assert set(identity.accounts) == {"winner"}
    assert identity.audit == []


def test_a_linked_credential_joins_the_account_without_opening_one() -> None:
    identity = MemoryIdentity()
    before = sign_in(identity, present(1))
    linkage = LinkedTo(identity.accounts[before.account_id])
    renewed = find_or_open_account(identity, present(2), linkage=linkage, now=NOW)
    assert renewed.account_id == before.account_id
    assert renewed.credential_id != before.credential_id
    assert not renewed.is_new
    assert len(identity.accounts) == 1
    assert sign_in(identity, present(2)).account_id == before.account_id


def test_two_first_uses_of_a_linked_credential_at_once_keep_the_account() -> None:
    identity = MemoryIdentity()
    account = Account(account_id="person", state=AccountState.ACTIVE, opened_at=NOW)
    identity.accounts["person"] = account
    identity.arrives_first = stored_under("person")
    found = find_or_open_account(identity, present(), linkage=LinkedTo(account), now=NOW)
    assert found == FoundAccount("person", "first", is_new=False)
    assert set(identity.accounts) == {"person"}


def test_a_renewed_card_does_not_get_around_a_suspended_account() -> None:
    identity = MemoryIdentity()
    account = Account(account_id="person", state=AccountState.SUSPENDED, opened_at=NOW)
    identity.accounts["person"] = account
    with pytest.raises(AccountSuspended):
        find_or_open_account(identity, present(2), linkage=LinkedTo(account), now=NOW)
    assert identity.credentials == {}


def test_a_store_that_contradicts_itself_is_a_fault_and_opens_nothing() -> None:
    class Contradictory(MemoryIdentity):
        def insert_credential(self, credential: Credential, now: datetime) -> bool:
            return False

    with pytest.raises(RuntimeError):
        sign_in(Contradictory(), present())


def stored_under(account_id: str) -> Credential:
    return Credential(
        credential_id="first",
        account_id=account_id,
        lookup=present().digests[0],
        profile="card",
        kind="card",
        valid_until=NOW + timedelta(days=400),
        state=CredentialState.ACTIVE,
        is_account_active=True,
    )
