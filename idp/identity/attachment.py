"""Rebinding: an active credential vouches for another one, everybody is told for a month, an older one may undo it.

Both sides have been proven afresh before any of these rules is asked; design "Who is it?".
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, new_identifier
from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, PresentedCredential
from idp.identity.errors import LinkRefused

if TYPE_CHECKING:
    from idp.identity.linking_ports import AttachmentWriter, LinkRequestWriter

ANNOUNCEMENT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AccountCredential:
    """A credential as its account sees it."""

    credential_id: str
    account_id: str
    state: CredentialState
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """That a credential joined an account: ``attached_by`` vouched, None where two operators decided."""

    credential_id: str
    account_id: str
    attached_by: str | None
    attached_at: datetime

    @property
    def announced_until(self) -> datetime:
        """Until then the person is told at every sign-in, and an older credential may undo it."""
        return self.attached_at + ANNOUNCEMENT


def attach_credential(
    writer: "AttachmentWriter",
    presented: PresentedCredential,
    voucher_id: str,
    *,
    now: datetime,
    txn: str,
    check_ids: tuple[str, ...] = (),
    randomness: Randomness = secrets.token_bytes,
) -> Attachment:
    """Let a credential that nobody has signed in with reach the account of the one that vouches for it.

    Takes:  check_ids of both sides' proofs, for the audit record.
    Raises: LinkRefused: voucher_not_active; voucher_too_young, where it is itself still announced, or a stolen card
            could be followed by another; credential_known, where it reaches an account already (then that is a merge).
    """
    writer.lock_credential(voucher_id)
    voucher = writer.find_account_credential(voucher_id)
    if voucher is None or voucher.state is not CredentialState.ACTIVE:
        raise LinkRefused("voucher_not_active")
    if is_announced(voucher_id, writer.find_attachments(voucher.account_id), now):
        raise LinkRefused("voucher_too_young")
    credential_id = insert_new_credential(writer, presented, voucher.account_id, now, randomness)
    attachment = Attachment(credential_id, voucher.account_id, voucher_id, now)
    writer.insert_attachment(attachment)
    writer.append_audit(
        AuditRecord(AuditEvent.CREDENTIAL_ATTACHED, now, voucher.account_id, txn=txn, check_ids=check_ids)
    )
    return attachment


def undo_attachment(
    writer: "AttachmentWriter",
    credential_id: str,
    by_credential_id: str,
    *,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> str:
    """Let an older credential of the account send an attached one away while that is announced.

    Returns: the new account that the credential reaches from now on, for whoever holds it is a person too.
    Raises:  LinkRefused: not_attached, announcement_over, not_older, not_active.
    Effect:  what the credential attached goes to that account with it; sessions, grants and tokens of all of them end.
    """
    by = writer.find_account_credential(by_credential_id)
    attachments = () if by is None else writer.find_attachments(by.account_id)
    attachment = next((each for each in attachments if each.credential_id == credential_id), None)
    if by is None or attachment is None:
        raise LinkRefused("not_attached")
    check_may_undo(attachment, by, attachments, now)
    account = Account(new_identifier(randomness), AccountState.ACTIVE, now)
    writer.insert_account(account)
    for sent_away in sorted(attached_through(credential_id, attachments)):
        writer.delete_attachment(sent_away)
        writer.move_credential(sent_away, account.account_id, now)
    writer.append_audit(AuditRecord(AuditEvent.ATTACHMENT_UNDONE, now, by.account_id))
    writer.append_audit(AuditRecord(AuditEvent.ACCOUNT_OPENED, now, account.account_id, outcome="attachment_undone"))
    return account.account_id


def check_may_undo(
    attachment: Attachment, by: AccountCredential, attachments: Iterable[Attachment], now: datetime
) -> None:
    """Establish that this credential may undo that attachment.

    Raises: LinkRefused: announcement_over, not_older, not_active.
    """
    held = tuple(attachments)
    if by.state is not CredentialState.ACTIVE:
        raise LinkRefused("not_active")
    if now >= attachment.announced_until:
        raise LinkRefused("announcement_over")
    joined_at = next((each.attached_at for each in held if each.credential_id == by.credential_id), by.first_seen_at)
    if joined_at >= attachment.attached_at or by.credential_id in attached_through(attachment.credential_id, held):
        raise LinkRefused("not_older")


def report_lost(
    writer: "AttachmentWriter", credential_id: str, *, now: datetime, txn: str | None = None
) -> frozenset[str]:
    """Suspend a lost credential with everything that it attached, for whoever found it may have done so.

    Returns: the credentials that were active and are suspended now.
    Raises:  LinkRefused no_such_credential.
    """
    writer.lock_credential(credential_id)
    lost = writer.find_account_credential(credential_id)
    if lost is None:
        raise LinkRefused("no_such_credential")
    followers = attached_through(credential_id, writer.find_attachments(lost.account_id))
    suspended = frozenset(each for each in sorted(followers) if writer.suspend_credential(each, now))
    writer.append_audit(
        AuditRecord(AuditEvent.CREDENTIAL_SUSPENDED, now, lost.account_id, txn=txn, outcome="reported_lost")
    )
    return suspended


def restore_credential(writer: "LinkRequestWriter", credential_id: str, *, now: datetime) -> frozenset[str]:
    """Let a credential that was reported lost sign in again; one at a time, for each may be in other hands.

    Returns: what it attached and stays suspended.
    Raises:  LinkRefused: no_such_credential, account_ended, credential_revoked, not_suspended.
    Effect:  no session, grant or token comes back.
    """
    found = writer.find_account_credential(credential_id)
    account = None if found is None else writer.find_account(found.account_id)
    if found is None or account is None:
        raise LinkRefused("no_such_credential")
    if account.state in (AccountState.MERGED, AccountState.CLOSED):
        # Whoever finds the lost card of an account that its person deleted must not begin anew with it.
        raise LinkRefused("account_ended")
    if found.state is CredentialState.REVOKED:
        raise LinkRefused("credential_revoked")
    if not writer.restore_credential(credential_id, now):
        raise LinkRefused("not_suspended")
    writer.append_audit(AuditRecord(AuditEvent.CREDENTIAL_RESTORED, now, found.account_id, outcome="by_operator"))
    followers = attached_through(credential_id, writer.find_attachments(found.account_id)) - {credential_id}
    return frozenset(each for each in followers if _is_suspended(writer, each))


def _is_suspended(writer: "AttachmentWriter", credential_id: str) -> bool:
    found = writer.find_account_credential(credential_id)
    return found is not None and found.state is CredentialState.SUSPENDED


def is_announced(credential_id: str, attachments: Iterable[Attachment], now: datetime) -> bool:
    """Whether the credential itself joined so lately that an older one may still send it away."""
    return any(each.credential_id == credential_id and now < each.announced_until for each in attachments)


def attached_through(credential_id: str, attachments: Iterable[Attachment]) -> frozenset[str]:
    """The credential, what it attached, and what those attached."""
    held = tuple(attachments)
    found: set[str] = set()
    waiting = {credential_id}
    while waiting:
        found |= waiting
        waiting = {each.credential_id for each in held if each.attached_by in found} - found
    return frozenset(found)


def insert_new_credential(
    writer: "AttachmentWriter", presented: PresentedCredential, account_id: str, now: datetime, randomness: Randomness
) -> str:
    """Record a credential that nobody has signed in with; its new identifier.

    Raises: LinkRefused credential_known.
    """
    credential = Credential(
        credential_id=new_identifier(randomness),
        account_id=account_id,
        lookup=presented.digests[0],
        profile=presented.profile,
        kind=presented.kind,
        valid_until=presented.valid_until,
        state=CredentialState.ACTIVE,
        is_account_active=True,
    )
    if writer.find_credential(presented.digests) is not None or not writer.insert_credential(credential, now):
        raise LinkRefused("credential_known")
    return credential.credential_id
