"""One person, one account, as far as an operator's answers reach."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.audit import AuditEvent
from idp.identity.account import Account, AccountState
from idp.identity.credential import LinkageAnswer, PresentedCredential
from idp.identity.errors import AccountSuspended, CredentialRevoked, DifferentPerson, LinkageUnanswered
from idp.identity.linkage import LinkageResolver
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import CredentialIsPerson, FoundAccount, find_or_open_account
from idp.identity.lookup_keys import LookupKey, LookupKeys, digest_credential, digest_person
from idp.identity.person import PersonReference
from tests.unit.identity.memory_identity import MemoryIdentity

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OLD = LookupKey("2025", hashlib.sha256(b"old").digest())
NEW = LookupKey("2026", hashlib.sha256(b"new").digest())


def present(
    serial: int, person: str | None, keys: tuple[LookupKey, ...] = (OLD,), kind: str = "card"
) -> PresentedCredential:
    held = LookupKeys(keys)
    return PresentedCredential(
        digests=digest_credential(held, b"issuer", serial.to_bytes(4, "big")),
        profile="card",
        kind=kind,
        valid_until=NOW + timedelta(days=400),
        linkage=None if person is None else LinkageAnswer(digest_person(held, "operator", person), "check", NOW),
    )


def sign_in(identity: MemoryIdentity, presented: PresentedCredential) -> FoundAccount:
    return find_or_open_account(identity, presented, linkage=LinkedByOperator(), now=NOW, txn="T1")


def test_a_renewed_card_a_phone_and_the_other_certificate_reach_one_account() -> None:
    identity = MemoryIdentity()
    first = sign_in(identity, present(1, "hanako"))
    others = [sign_in(identity, present(serial, "hanako", kind=kind)) for serial, kind in ((2, "card"), (3, "phone"))]
    assert {found.account_id for found in others} == {first.account_id}
    assert len({found.credential_id for found in (first, *others)}) == 3
    assert [found.is_new for found in (first, *others)] == [True, False, False]
    assert [record.event for record in identity.audit] == [
        AuditEvent.ACCOUNT_OPENED,
        AuditEvent.CREDENTIAL_LINKED,
        AuditEvent.CREDENTIAL_LINKED,
    ]
    assert {record.check_ids for record in identity.audit} == {("check",)}


def test_two_persons_are_two_accounts() -> None:
    identity = MemoryIdentity()
    assert sign_in(identity, present(1, "a")).account_id != sign_in(identity, present(2, "b")).account_id


def test_another_operators_person_of_the_same_name_is_somebody_else() -> None:
    keys = LookupKeys((OLD,))
    assert digest_person(keys, "one", "a") != digest_person(keys, "two", "a")
    assert digest_person(keys, "o", "ne") != digest_person(keys, "on", "e")


def test_no_account_is_opened_while_no_operator_has_answered() -> None:
    identity = MemoryIdentity()
    with pytest.raises(LinkageUnanswered):
        sign_in(identity, present(1, None))
    assert (identity.accounts, identity.credentials, identity.links) == ({}, {}, {})


def test_a_linked_credential_needs_no_answer_again() -> None:
    identity = MemoryIdentity()
    first = sign_in(identity, present(1, "a"))
    assert sign_in(identity, present(1, None)) == replace(first, is_new=False)


def test_an_account_from_before_the_operator_is_linked_at_its_next_sign_in() -> None:
    identity = MemoryIdentity()
    before = find_or_open_account(identity, present(1, None), linkage=CredentialIsPerson(), now=NOW)
    assert sign_in(identity, present(1, "a")).account_id == before.account_id
    assert sign_in(identity, present(2, "a")).account_id == before.account_id


def test_two_accounts_from_before_go_on_and_the_auditor_is_told() -> None:
    identity = MemoryIdentity()
    one, two = (
        find_or_open_account(identity, present(serial, None), linkage=CredentialIsPerson(), now=NOW)
        for serial in (1, 2)
    )
    assert sign_in(identity, present(1, "a")).account_id == one.account_id
    assert sign_in(identity, present(2, "a")).account_id == two.account_id
    conflict = identity.audit[-1]
    assert (conflict.event, conflict.account_id) == (AuditEvent.LINKAGE_CONFLICT, two.account_id)


def test_another_person_than_before_is_refused_and_nothing_is_stored() -> None:
    identity = MemoryIdentity()
    sign_in(identity, present(1, "a"))
    before = dict(identity.links)
    with pytest.raises(DifferentPerson):
        sign_in(identity, present(1, "b"))
    assert identity.links == before


def test_a_link_moves_to_the_newest_look_up_key() -> None:
    identity = MemoryIdentity()
    first = sign_in(identity, present(1, "a", (OLD,)))
    assert sign_in(identity, present(1, "a", (NEW, OLD))).account_id == first.account_id
    assert {digest.key_id for digest in identity.links} == {"2026"}
    assert sign_in(identity, present(2, "a", (NEW,))).account_id == first.account_id


def test_a_new_card_does_not_get_around_a_suspended_account_nor_revive_a_revoked_one() -> None:
    identity = MemoryIdentity()
    first = sign_in(identity, present(1, "a"))
    identity.revoke_credential(first.credential_id, NOW)
    with pytest.raises(CredentialRevoked):
        sign_in(identity, present(1, "a"))
    assert sign_in(identity, present(2, "a")).account_id == first.account_id
    identity.set_account_state(first.account_id, AccountState.SUSPENDED, NOW)
    with pytest.raises(AccountSuspended):
        sign_in(identity, present(3, "a"))


def test_of_two_first_sign_ins_of_one_person_the_loser_joins_and_leaves_no_account_behind() -> None:
    class Racing(MemoryIdentity):
        def insert_account_link(self, link, account_id, check_id, now):  # type: ignore[no-untyped-def]
            if not self.links:
                self.accounts["winner"] = Account("winner", AccountState.ACTIVE, NOW)
                self.links[link] = "winner"
            return super().insert_account_link(link, account_id, check_id, now)

    identity = Racing()
    found = sign_in(identity, present(1, "a"))
    assert (found.account_id, found.is_new) == ("winner", False)
    assert set(identity.accounts) == {"winner"}


class Operator:
    """A linkage source that remembers what it was asked."""

    operator = "operator"

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def find_person(self, issuer_key_id: bytes, serial: bytes, now: datetime) -> PersonReference:
        self.asked.append(serial)
        return PersonReference("secret-person", "check", now)


def test_an_operator_is_asked_only_about_whom_it_has_not_named() -> None:
    identity, operator = MemoryIdentity(), Operator()
    keys = LookupKeys((OLD,))
    resolver = LinkageResolver(operator, identity, keys)
    presented = present(1, None)
    answer = resolver.resolve_linkage(presented.digests, b"issuer", b"\x01", NOW)
    assert answer is not None
    sign_in(identity, replace(presented, linkage=answer))
    assert resolver.resolve_linkage(presented.digests, b"issuer", b"\x01", NOW) is None
    assert operator.asked == [b"\x01"]
    newer = LinkageResolver(operator, identity, LookupKeys((NEW, OLD)))
    assert newer.resolve_linkage(present(1, None, (NEW, OLD)).digests, b"issuer", b"\x01", NOW) is not None


def test_the_operators_name_for_a_person_is_not_in_what_is_carried_on() -> None:
    answer = LinkageResolver(Operator(), MemoryIdentity(), LookupKeys((OLD,))).resolve_linkage((), b"i", b"s", NOW)
    assert "secret-person" not in repr(answer)
    assert "secret-person" not in repr(PersonReference("secret-person", "check", NOW))
