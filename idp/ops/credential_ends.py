"""What is done with credentials that a status source calls revoked or on hold: ended, and the audit says by whom."""

from collections.abc import Sequence
from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.ops.ports import CredentialEnds


def revoke_credentials(
    credential_ids: Sequence[str], store: CredentialEnds, *, source: str, check_id: str, now: datetime
) -> int:
    """End the credentials with their sessions, grants and tokens, and tell the clients; how many were not revoked yet.

    Effect: one durable transaction, with an audit row each that names the source and the check.
    """
    with store.writing() as writer:
        account_ids = writer.revoke_listed_credentials(credential_ids, now)
        for account_id in account_ids:
            writer.append_audit(
                AuditRecord(AuditEvent.CREDENTIAL_REVOKED, now, account_id, outcome=source, check_ids=(check_id,))
            )
    return len(account_ids)


def end_held_credentials(
    credential_ids: Sequence[str], store: CredentialEnds, *, source: str, check_id: str, now: datetime
) -> int:
    """End what credentials on hold opened; they stay, for their authority may take the hold back.

    Returns: for how many accounts anything ended.
    Effect:  as ``revoke_credentials``.
    """
    with store.writing() as writer:
        account_ids = writer.end_credential_sign_ins(credential_ids, now)
        for account_id in account_ids:
            writer.append_audit(
                AuditRecord(AuditEvent.CREDENTIAL_ON_HOLD, now, account_id, outcome=source, check_ids=(check_id,))
            )
    return len(account_ids)
