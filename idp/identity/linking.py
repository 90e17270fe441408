"""Linking: to which account a verified credential belongs, and when a new account is opened.

``docs/decisions/0003-linking.md`` says why a credential is its own person unless something better is known.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, new_identifier
from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, LookupDigest, PresentedCredential
from idp.identity.errors import AccountSuspended, CredentialRevoked, CredentialSuspended
from idp.identity.ports import IdentityWriter


class Linkage(Protocol):
    """Where it is learnt that a credential not seen before belongs to a person we know (renewal, second device).

    Never by name and birthdate alone, never by anything derived from the 12-digit number.
    """

    def find_linked_account(self, writer: IdentityWriter, presented: PresentedCredential) -> Account | None:
        """The account, or None if this person is new. Whoever has to ask over a network has asked before.

        Raises: LinkageUnanswered: whether the person is new is not known.
        """
        ...

    def record_link(
        self, writer: IdentityWriter, presented: PresentedCredential, account_id: str, credential_id: str, now: datetime
    ) -> bool:
        """Remember what was learnt, once the account is settled; False if the person reaches another account.

        Raises: DifferentPerson: the account is known to be another person's.
        """
        ...


class CredentialIsPerson:
    """The first implementation: nothing is known beyond the certificate, so each credential is its own person."""

    def find_linked_account(self, writer: IdentityWriter, presented: PresentedCredential) -> Account | None:
        """None, always."""
        return None

    def record_link(
        self, writer: IdentityWriter, presented: PresentedCredential, account_id: str, credential_id: str, now: datetime
    ) -> bool:
        """True: nothing is known that could contradict."""
        return True


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """The account and the credential of a sign-in; ``is_new`` if the account was opened by it."""

    account_id: str
    credential_id: str
    is_new: bool


def find_or_open_account(
    writer: IdentityWriter,
    presented: PresentedCredential,
    *,
    linkage: Linkage,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
    txn: str | None = None,
) -> FoundAccount:
    """The account of a verified credential; a new one if neither credential nor person is known.

    Takes:   presented, made from a certificate that was verified in this sign-in; txn, for the audit record.
    Raises:  CredentialRevoked, AccountSuspended, CredentialSuspended: known, and may not sign in. DifferentPerson: an
             operator says so. LinkageUnanswered: nobody has said who a person is who is not known.
    Effect:  in the caller's transaction: opens the account, records the credential and the person's link, or stores its
             digest under the newest look-up key where it was found under an older one.
    """
    known = writer.find_credential(presented.digests)
    if known is not None:
        return _admit_known(writer, known, presented, linkage, now, txn)
    credential_id = new_identifier(randomness)
    linked = linkage.find_linked_account(writer, presented)
    opened = None if linked else _open(writer, presented, linkage, new_identifier(randomness), credential_id, now)
    account = linked or opened or _get_winner(writer, presented, linkage)
    credential = _make_credential(account, presented, credential_id)
    if account.state is not AccountState.ACTIVE:
        raise AccountSuspended(account.account_id, credential_id)
    if not writer.insert_credential(credential, now):
        return _join_winner(writer, presented, opened, now)
    event = AuditEvent.CREDENTIAL_LINKED if opened is None else AuditEvent.ACCOUNT_OPENED
    writer.append_audit(AuditRecord(event, now, account.account_id, txn=txn, check_ids=_check_ids(presented)))
    return FoundAccount(account.account_id, credential_id, is_new=opened is not None)


def _admit_known(
    writer: IdentityWriter,
    known: Credential,
    presented: PresentedCredential,
    linkage: Linkage,
    now: datetime,
    txn: str | None,
) -> FoundAccount:
    found = _admit(writer, known, presented.digests[0], now)
    if not linkage.record_link(writer, presented, found.account_id, found.credential_id, now):
        # Two accounts of one person from before the operator was asked: each goes on, and an operator may merge them.
        conflict = AuditEvent.LINKAGE_CONFLICT
        writer.append_audit(AuditRecord(conflict, now, found.account_id, txn=txn, check_ids=_check_ids(presented)))
    elif presented.linkage is not None:
        writer.set_credential_link(found.credential_id, presented.linkage.digests[0])
    return found


def _open(
    writer: IdentityWriter,
    presented: PresentedCredential,
    linkage: Linkage,
    account_id: str,
    credential_id: str,
    now: datetime,
) -> Account | None:
    account = Account(account_id=account_id, state=AccountState.ACTIVE, opened_at=now)
    writer.insert_account(account)
    if linkage.record_link(writer, presented, account_id, credential_id, now):
        return account
    # Another credential of the same person, at the same moment: that transaction has opened the account.
    writer.delete_unused_account(account_id)
    return None


def _get_winner(writer: IdentityWriter, presented: PresentedCredential, linkage: Linkage) -> Account:
    winner = linkage.find_linked_account(writer, presented)
    if winner is None:
        raise RuntimeError("the store refused a link as recorded already and does not find it")
    return winner


def _check_ids(presented: PresentedCredential) -> tuple[str, ...]:
    return () if presented.linkage is None else (presented.linkage.check_id,)


def _make_credential(account: Account, presented: PresentedCredential, credential_id: str) -> Credential:
    return Credential(
        credential_id=credential_id,
        account_id=account.account_id,
        lookup=presented.digests[0],
        profile=presented.profile,
        kind=presented.kind,
        valid_until=presented.valid_until,
        state=CredentialState.ACTIVE,
        is_account_active=True,
        link_digest=None if presented.linkage is None else presented.linkage.digests[0].digest,
    )


def _join_winner(
    writer: IdentityWriter, presented: PresentedCredential, unused: Account | None, now: datetime
) -> FoundAccount:
    # One card in two tabs at once: the other transaction has opened the account, and ours must not leave an empty one.
    if unused is not None:
        writer.delete_unused_account(unused.account_id)
    winner = writer.find_credential(presented.digests)
    if winner is None:
        raise RuntimeError("the store refused a credential as recorded already and does not find it")
    return _admit(writer, winner, presented.digests[0], now)


def _admit(writer: IdentityWriter, known: Credential, newest: LookupDigest, now: datetime) -> FoundAccount:
    if known.state is CredentialState.REVOKED:
        raise CredentialRevoked(known.account_id, known.credential_id)
    if not known.is_account_active:
        raise AccountSuspended(known.account_id, known.credential_id)
    if known.state is CredentialState.SUSPENDED:
        raise CredentialSuspended(known.account_id, known.credential_id)
    if known.lookup.key_id != newest.key_id:
        writer.rewrite_credential_lookup(known.credential_id, newest, now)
    return FoundAccount(known.account_id, known.credential_id, is_new=False)
