"""Credentials that joined an account by ceremony or decision, and the requests for it."""

from datetime import datetime
from typing import Any, Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.attachment import AccountCredential, Attachment
from idp.identity.credential import CredentialState, LookupDigest
from idp.identity.link_request import LinkRequest, LinkRequestState
from idp.stores.sql.database import Statements
from idp.stores.sql.session_ends import end_sign_ins

_FIND_CREDENTIAL: Final = "SELECT account_id, state, first_seen_at FROM credentials WHERE credential_id = ?"
# A no-op that both engines take for a write: of an attachment and a report of the same card as lost, one waits for the
# other and sees what it did.
_LOCK_CREDENTIAL: Final = "UPDATE credentials SET state = state WHERE credential_id = ? RETURNING credential_id"
_FIND_ATTACHMENTS: Final = """
SELECT credential_id, account_id, attached_by, attached_at FROM attachments WHERE account_id = ?
ORDER BY attached_at, credential_id
"""
_INSERT_ATTACHMENT: Final = """
INSERT INTO attachments (credential_id, account_id, attached_by, attached_at, announced_until) VALUES (?, ?, ?, ?, ?)
"""
_DELETE_ATTACHMENT: Final = "DELETE FROM attachments WHERE credential_id = ?"
_MOVE_CREDENTIAL: Final = "UPDATE credentials SET account_id = ? WHERE credential_id = ?"
_SUSPEND: Final = """
UPDATE credentials SET state = 'suspended', state_changed_at = ? WHERE credential_id = ? AND state = 'active'
RETURNING credential_id
"""
_RESTORE: Final = """
UPDATE credentials SET state = 'active', state_changed_at = ? WHERE credential_id = ? AND state = 'suspended'
RETURNING credential_id
"""
_REQUEST_COLUMNS: Final = (
    "request_id, account_id, lookup_key_id, lookup_digest, profile, kind, valid_until, txn, requested_at, expires_at, "
    "state, first_operator, decided_by"
)
_INSERT_REQUEST: Final = f"""
INSERT INTO link_requests ({_REQUEST_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608 - constants of this module
_FIND_REQUEST: Final = f"SELECT {_REQUEST_COLUMNS} FROM link_requests WHERE request_id = ?"  # noqa: S608
_FIND_PENDING: Final = f"""
SELECT {_REQUEST_COLUMNS} FROM link_requests WHERE state = 'pending' AND expires_at > ?
ORDER BY requested_at, request_id LIMIT 1000
"""  # noqa: S608
_FIND_OF_ACCOUNT: Final = f"""
SELECT {_REQUEST_COLUMNS} FROM link_requests WHERE account_id = ? AND state = 'pending' AND expires_at > ?
ORDER BY requested_at, request_id LIMIT 100
"""  # noqa: S608
_FIND_SHOWN: Final = f"""
SELECT {_REQUEST_COLUMNS} FROM link_requests
WHERE state = 'pending' AND expires_at > ? AND (
  account_id = ? OR EXISTS (SELECT 1 FROM credentials WHERE credentials.account_id = ?
                            AND credentials.lookup_key_id = link_requests.lookup_key_id
                            AND credentials.lookup_digest = link_requests.lookup_digest))
ORDER BY requested_at, request_id LIMIT 100
"""  # noqa: S608
_SET_FIRST: Final = """
UPDATE link_requests SET first_operator = ? WHERE request_id = ? AND state = 'pending' AND first_operator IS NULL
RETURNING request_id
"""
_DECIDE: Final = """
UPDATE link_requests SET state = ?, decided_by = ? WHERE request_id = ? AND state = 'pending' RETURNING request_id
"""


class AccountLinkRequestReads:
    """What waits for one account, inside a transaction or outside."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_account_link_requests(self, account_id: str, now: datetime) -> tuple[LinkRequest, ...]:
        """An account's requests that wait for a decision, oldest first, at most 100."""
        rows = self._statements.read_all(_FIND_OF_ACCOUNT, (account_id, to_epoch_seconds(now)))
        return tuple(_request(row) for row in rows)

    def find_shown_link_requests(self, account_id: str, now: datetime) -> tuple[LinkRequest, ...]:
        """Requests that wait for the account, or that were made with one of its credentials, oldest first."""
        rows = self._statements.read_all(_FIND_SHOWN, (to_epoch_seconds(now), account_id, account_id))
        return tuple(_request(row) for row in rows)


class LinkRequestReads(AccountLinkRequestReads):
    """What operators are shown."""

    def find_pending_link_requests(self, now: datetime) -> tuple[LinkRequest, ...]:
        """Requests that wait, oldest first, at most 1,000."""
        rows = self._statements.read_all(_FIND_PENDING, (to_epoch_seconds(now),))
        return tuple(_request(row) for row in rows)


class AttachmentReads:
    """Who vouched for whom, inside a transaction or outside."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_attachments(self, account_id: str) -> tuple[Attachment, ...]:
        """All attachments of an account, oldest first."""
        rows = self._statements.read_all(_FIND_ATTACHMENTS, (account_id,))
        return tuple(Attachment(row[0], row[1], row[2], from_epoch_seconds(row[3])) for row in rows)


class AttachmentWrites(AttachmentReads, AccountLinkRequestReads):
    """What a durable transaction does with them."""

    def find_account_credential(self, credential_id: str) -> AccountCredential | None:
        """A credential by its identifier."""
        row = self._statements.read_one(_FIND_CREDENTIAL, (credential_id,))
        if row is None:
            return None
        return AccountCredential(credential_id, row[0], CredentialState(row[1]), from_epoch_seconds(row[2]))

    def lock_credential(self, credential_id: str) -> None:
        """Let nobody else change the credential, or rest on its state, until the transaction ends."""
        self._statements.write(_LOCK_CREDENTIAL, (credential_id,))

    def insert_attachment(self, attachment: Attachment) -> None:
        """Record who vouched."""
        times = (to_epoch_seconds(attachment.attached_at), to_epoch_seconds(attachment.announced_until))
        row = (attachment.credential_id, attachment.account_id, attachment.attached_by, *times)
        self._statements.write(_INSERT_ATTACHMENT, row)

    def delete_attachment(self, credential_id: str) -> None:
        """Forget who vouched for the credential."""
        self._statements.write(_DELETE_ATTACHMENT, (credential_id,))

    def move_credential(self, credential_id: str, account_id: str, now: datetime) -> None:
        """Let the credential be another account's; its sessions, grants and tokens end."""
        end_sign_ins(self._statements, "credential_id", (credential_id,), now)
        self._statements.write(_MOVE_CREDENTIAL, (account_id, credential_id))

    def suspend_credential(self, credential_id: str, now: datetime) -> bool:
        """Suspend an active credential and end its sessions, grants and tokens; False if it was not active."""
        if not self._statements.write(_SUSPEND, (to_epoch_seconds(now), credential_id)):
            return False
        end_sign_ins(self._statements, "credential_id", (credential_id,), now)
        return True

    def restore_credential(self, credential_id: str, now: datetime) -> bool:
        """Let a suspended credential sign in again; False if it is not suspended. What ended stays ended."""
        return bool(self._statements.write(_RESTORE, (to_epoch_seconds(now), credential_id)))

    def insert_link_request(self, request: LinkRequest) -> None:
        """Record a request."""
        row = (
            request.request_id,
            request.account_id,
            request.lookup.key_id,
            request.lookup.digest,
            request.profile,
            request.kind,
            to_epoch_seconds(request.valid_until),
            request.txn,
            to_epoch_seconds(request.requested_at),
            to_epoch_seconds(request.expires_at),
            request.state.value,
            request.first_operator,
            request.decided_by,
        )
        self._statements.write(_INSERT_REQUEST, row)

    def find_link_request(self, request_id: str) -> LinkRequest | None:
        """A request by its identifier."""
        row = self._statements.read_one(_FIND_REQUEST, (request_id,))
        return None if row is None else _request(row)

    def set_first_operator(self, request_id: str, operator: str) -> bool:
        """Record who approved first; False if somebody has, or it is decided."""
        return bool(self._statements.write(_SET_FIRST, (operator, request_id)))

    def decide_link_request(self, request_id: str, state: str, operator: str) -> bool:
        """Record the decision; False if it is decided already."""
        return bool(self._statements.write(_DECIDE, (LinkRequestState(state).value, operator, request_id)))


def _request(row: tuple[Any, ...]) -> LinkRequest:
    return LinkRequest(
        request_id=row[0],
        account_id=row[1],
        lookup=LookupDigest(row[2], bytes(row[3])),
        profile=row[4],
        kind=row[5],
        valid_until=from_epoch_seconds(row[6]),
        txn=row[7],
        requested_at=from_epoch_seconds(row[8]),
        expires_at=from_epoch_seconds(row[9]),
        state=LinkRequestState(row[10]),
        first_operator=row[11],
        decided_by=row[12],
    )
