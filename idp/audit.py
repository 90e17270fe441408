"""What happened, for an auditor: one record an event, written in the transaction of the change it tells of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class AuditEvent(StrEnum):
    """The closed list of events; ``docs/errors.md`` says which refusal writes which."""

    SIGNED_IN = "signed_in"
    ACCOUNT_OPENED = "account_opened"
    CARD_REFUSED = "card_refused"
    POSSIBLE_RELAY = "possible_relay"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    CLAIMS_RELEASED = "claims_released"
    CODE_REUSED = "code_reused"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    TOKEN_REVOKED = "token_revoked"
    CREDENTIAL_REVOKED = "credential_revoked"
    CREDENTIAL_ON_HOLD = "credential_on_hold"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_RESUMED = "account_resumed"
    SIGNED_OUT = "signed_out"
    CLIENT_ADDED = "client_added"
    CLIENT_CHANGED = "client_changed"
    CLIENT_INVITED = "client_invited"
    INVITATION_ENDED = "invitation_ended"
    CLIENT_REMOVED = "client_removed"
    CLIENT_SECRET_ROTATED = "client_secret_rotated"
    SIGNING_KEY_ROTATED = "signing_key_rotated"
    SIGNING_KEY_ERASED = "signing_key_erased"
    SIGNING_KEY_REVOKED = "signing_key_revoked"
    LOOKUP_KEY_ADDED = "lookup_key_added"
    CREDENTIAL_LINKED = "credential_linked"
    LINKAGE_CONFLICT = "linkage_conflict"
    LINK_REQUESTED = "link_requested"
    LINK_APPROVED = "link_approved"
    LINK_REJECTED = "link_rejected"
    CREDENTIAL_ATTACHED = "credential_attached"
    ATTACHMENT_UNDONE = "attachment_undone"
    CREDENTIAL_SUSPENDED = "credential_suspended"
    CREDENTIAL_RESTORED = "credential_restored"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNTS_MERGED = "accounts_merged"
    MERGE_UNDONE = "merge_undone"
    EVIDENCE_READ = "evidence_read"
    EVIDENCE_HELD = "evidence_held"
    EVIDENCE_RELEASED = "evidence_released"
    EVIDENCE_DELETED = "evidence_deleted"
    LOGOUT_UNDELIVERED = "logout_undelivered"
    LOGOUT_DROPPED = "logout_dropped"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One event: identifiers and codes only, never an attribute, a name, a certificate or a secret.

    ``outcome`` is a code of ours (``revoked``, ``access_denied`` …) or empty; ``check_ids`` resolve to checks.
    """

    event: AuditEvent
    at: datetime
    account_id: str | None = None
    client_id: str | None = None
    txn: str | None = None
    outcome: str = ""
    check_ids: tuple[str, ...] = ()


class AuditWriter(Protocol):
    """Part of every durable transaction that changes something an auditor asks about."""

    def append_audit(self, record: AuditRecord) -> None:
        """Write the record; it commits or rolls back with the change."""
        ...
