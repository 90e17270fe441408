"""What a person does on their own page, each in one durable transaction with its audit record.

Whether the person may do it (card shown lately, form of their own session) is settled before.
"""

from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.identity.attachment import attached_through, report_lost, undo_attachment
from idp.identity.credential import CredentialState
from idp.identity.errors import LinkRefused
from idp.log import log_line
from idp.ops.evidence_purge import audit_deletion
from idp.signin.own_account_session import OwnSession
from idp.signin.parts import SigninParts


def withdraw_consent(parts: SigninParts, account_id: str, client_id: str, now: datetime) -> bool:
    """End what a service was given: its grants and tokens, and the consent that was remembered.

    Returns: False if there was nothing to end. The service keeps what it has read; its ``sub`` stays the same.
    """
    with parts.store.writing() as writer:
        ended = writer.end_client_grants(account_id, client_id, now)
        was_remembered = writer.delete_consent(account_id, client_id)
        if not (ended or was_remembered):
            return False
        writer.append_audit(AuditRecord(AuditEvent.CONSENT_WITHDRAWN, now, account_id, client_id))
    log_line("consent_withdrawn", client_id=client_id)
    return True


def report_card_lost(parts: SigninParts, account_id: str, credential_id: str, now: datetime) -> frozenset[str]:
    """Suspend a credential of this account with all that it attached; sessions, grants and tokens of theirs end.

    Returns: the credentials that are suspended now.
    Raises:  LinkRefused no_such_credential: not one of this account's.
    """
    with parts.store.writing() as writer:
        credential = writer.find_account_credential(credential_id)
        if credential is None or credential.account_id != account_id:
            raise LinkRefused("no_such_credential")
        if credential.state is not CredentialState.ACTIVE:
            return frozenset()
        suspended = report_lost(writer, credential_id, now=now)
    log_line("card_reported_lost")
    return suspended


def find_followers(parts: SigninParts, account_id: str, credential_id: str) -> frozenset[str]:
    """The credential with all that reporting it lost would suspend."""
    return attached_through(credential_id, parts.store.find_attachments(account_id))


def sign_out_everywhere(parts: SigninParts, account_id: str, now: datetime) -> None:
    """End every session, grant and token of the account; cards and remembered consents stay."""
    with parts.store.writing() as writer:
        writer.end_account_sessions(account_id, now)
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_OUT, now, account_id, outcome="everywhere"))
    log_line("signed_out_everywhere")


def delete_account(parts: SigninParts, account_id: str, now: datetime) -> None:
    """Delete the account but for what must stay: its subjects, so that none is given again, blocked credentials, and
    evidence that is held or that a client has a legal basis for.

    Effect: sessions, grants, tokens, released claims, consents, links and active credentials go. The same card opens
            a new account, which no service knows.
    Source: docs/decisions/0007-the-persons-own-page.md.
    """
    with parts.store.writing() as writer:
        for closed in writer.erase_account(account_id, now):
            audit_deletion(writer, writer.delete_account_evidence(closed), now)
        writer.append_audit(AuditRecord(AuditEvent.ACCOUNT_DELETED, now, account_id, outcome="by_person"))
    log_line("account_deleted")


def undo_attached(parts: SigninParts, session: OwnSession, credential_id: str, now: datetime) -> None:
    """Let the card of this session send away a younger one that is still announced, with all that it added.

    Raises: LinkRefused: not_attached, announcement_over, not_older, not_active.
    """
    with parts.store.writing() as writer:
        undo_attachment(writer, credential_id, session.credential_id, now=now)
    log_line("attachment_undone")
