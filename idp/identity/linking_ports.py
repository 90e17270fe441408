"""What rebinding, operators' decisions and merges need of the store; each inside one durable transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.identity.account import Account
from idp.identity.attachment import AccountCredential, Attachment
from idp.identity.link_request import LinkRequest
from idp.identity.merge import AccountItem, Merge
from idp.identity.ports import IdentityWriter


class AttachmentReader(Protocol):
    """Who vouched for whom."""

    def find_attachments(self, account_id: str) -> tuple[Attachment, ...]:
        """All attachments of an account, oldest first."""
        ...


class AttachmentWriter(IdentityWriter, AttachmentReader, Protocol):
    """Credentials that vouch for others."""

    def find_account_credential(self, credential_id: str) -> AccountCredential | None:
        """A credential by its identifier."""
        ...

    def lock_credential(self, credential_id: str) -> None:
        """Let nobody else change the credential, or rest on its state, until the transaction ends."""
        ...

    def insert_attachment(self, attachment: Attachment) -> None:
        """Record who vouched."""
        ...

    def delete_attachment(self, credential_id: str) -> None:
        """Forget who vouched for the credential."""
        ...

    def move_credential(self, credential_id: str, account_id: str, now: datetime) -> None:
        """Let the credential be another account's; its sessions, grants and tokens end."""
        ...

    def restore_credential(self, credential_id: str, now: datetime) -> bool:
        """Let a suspended credential sign in again; False if it is not suspended. What ended stays ended."""
        ...

    def suspend_credential(self, credential_id: str, now: datetime) -> bool:
        """Suspend an active credential and end its sessions, grants and tokens; False if it was not active."""
        ...


class MergeWriter(IdentityWriter, Protocol):
    """Accounts that turn out to be one person's."""

    def find_account(self, account_id: str) -> Account | None:
        """The account of this identifier."""
        ...

    def find_account_items(self, account_id: str) -> tuple[AccountItem, ...]:
        """Credentials, subjects, consents and links of the account."""
        ...

    def move_item(self, item: AccountItem, from_account_id: str, into_account_id: str) -> bool:
        """Move one thing; False if it is not there any more, or the other account has its own."""
        ...

    def find_joined_since(self, account_id: str, since: datetime) -> tuple[str, ...]:
        """Credentials first seen after a moment that nobody attached: a person's link led them to the account."""
        ...

    def delete_links_since(self, account_id: str, since: datetime) -> None:
        """Forget the account's links that were recorded after a moment."""
        ...

    def insert_merge(self, merge: Merge, items: Sequence[AccountItem]) -> None:
        """Record what was moved."""
        ...

    def find_merge(self, merge_id: str) -> tuple[Merge, tuple[AccountItem, ...]] | None:
        """A merge with what it moved."""
        ...

    def mark_merge_undone(self, merge_id: str, now: datetime) -> bool:
        """Record the undoing; False if it was undone before."""
        ...


class LinkRequestReader(Protocol):
    """Requests that wait."""

    def find_account_link_requests(self, account_id: str, now: datetime) -> tuple[LinkRequest, ...]:
        """An account's requests that wait for a decision, oldest first."""
        ...


class ShownLinkRequestReader(Protocol):
    """What the person's own page shows."""

    def find_shown_link_requests(self, account_id: str, now: datetime) -> tuple[LinkRequest, ...]:
        """Requests that wait for the account, or that were made with one of its credentials, oldest first."""
        ...


class LinkRequestWriter(AttachmentWriter, MergeWriter, LinkRequestReader, Protocol):
    """Requests that two operators decide."""

    def insert_link_request(self, request: LinkRequest) -> None:
        """Record a request."""
        ...

    def find_link_request(self, request_id: str) -> LinkRequest | None:
        """A request by its identifier."""
        ...

    def set_first_operator(self, request_id: str, operator: str) -> bool:
        """Record who approved first; False if somebody has, or it is decided."""
        ...

    def decide_link_request(self, request_id: str, state: str, operator: str) -> bool:
        """Record the decision; False if it is decided already."""
        ...
