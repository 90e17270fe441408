"""Merging accounts: what each has, moving it one by one, and the record by which it moves back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.account import Account, AccountState
from idp.identity.merge import AccountItem, Merge
from idp.stores.sql.database import Statements

_FIND_ACCOUNT: Final = "SELECT state, opened_at FROM accounts WHERE account_id = ?"
_LIST: Final = {
    "credential": "SELECT credential_id FROM credentials WHERE account_id = ?",
    "subject": "SELECT sector FROM subjects WHERE account_id = ?",
    "consent": "SELECT client_id FROM consents WHERE account_id = ?",
}
_LIST_LINKS: Final = "SELECT lookup_key_id, link_digest FROM account_links WHERE account_id = ?"
_MOVE: Final = {
    "credential": "UPDATE credentials SET account_id = ? WHERE account_id = ? AND credential_id = ? RETURNING 1",
    "subject": """
UPDATE subjects SET account_id = ? WHERE account_id = ? AND sector = ?
  AND NOT EXISTS (SELECT 1 FROM subjects AS other WHERE other.account_id = ? AND other.sector = ?) RETURNING 1
""",
    "consent": """
UPDATE consents SET account_id = ? WHERE account_id = ? AND client_id = ?
  AND NOT EXISTS (SELECT 1 FROM consents AS other WHERE other.account_id = ? AND other.client_id = ?) RETURNING 1
""",
}
_MOVE_ATTACHMENT: Final = "UPDATE attachments SET account_id = ? WHERE credential_id = ?"
_MOVE_LINK: Final = """
UPDATE account_links SET account_id = ? WHERE account_id = ? AND lookup_key_id = ? AND link_digest = ? RETURNING 1
"""
_FIND_JOINED: Final = """
SELECT credential_id FROM credentials WHERE account_id = ? AND first_seen_at > ?
  AND NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.credential_id = credentials.credential_id)
ORDER BY credential_id
"""
_DELETE_LINKS: Final = "DELETE FROM account_links WHERE account_id = ? AND linked_at > ?"
_INSERT_MERGE: Final = """
INSERT INTO account_merges (merge_id, from_account_id, into_account_id, merged_at, undone_at)
VALUES (?, ?, ?, ?, NULL)
"""
_INSERT_ITEM: Final = "INSERT INTO account_merge_items (merge_id, kind, item) VALUES (?, ?, ?)"
_FIND_MERGE: Final = """
SELECT from_account_id, into_account_id, merged_at, undone_at FROM account_merges WHERE merge_id = ?
"""
_FIND_ITEMS: Final = "SELECT kind, item FROM account_merge_items WHERE merge_id = ? ORDER BY kind, item"
_UNDO: Final = """
UPDATE account_merges SET undone_at = ? WHERE merge_id = ? AND undone_at IS NULL
RETURNING into_account_id, from_account_id
"""
# Copied, not moved, at the merge and at its undoing: a sub that changes its account brings what was asked about it.
_COPY_QUESTIONS: Final = """
INSERT INTO answered_questions (account_id, sector, kind, name, answered_at)
SELECT ?, sector, kind, name, answered_at FROM answered_questions WHERE account_id = ?
ON CONFLICT (account_id, sector, kind, name) DO UPDATE SET answered_at = excluded.answered_at
WHERE excluded.answered_at > answered_questions.answered_at
"""


class AccountMergeWrites:
    """What a durable transaction does to merge and to undo."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_account(self, account_id: str) -> Account | None:
        """The account of this identifier."""
        row = self._statements.read_one(_FIND_ACCOUNT, (account_id,))
        return None if row is None else Account(account_id, AccountState(row[0]), from_epoch_seconds(row[1]))

    def find_account_items(self, account_id: str) -> tuple[AccountItem, ...]:
        """Credentials, subjects, consents and links of the account."""
        found = [
            AccountItem(kind, str(row[0]))
            for kind, sql in _LIST.items()
            for row in self._statements.read_all(sql, (account_id,))
        ]
        links = self._statements.read_all(_LIST_LINKS, (account_id,))
        return (*found, *(AccountItem("link", f"{row[0]} {bytes(row[1]).hex()}") for row in links))

    def move_item(self, item: AccountItem, from_account_id: str, into_account_id: str) -> bool:
        """Move one thing; False if it is not there any more, or the other account has its own."""
        both = (into_account_id, from_account_id)
        if item.kind == "link":
            key_id, _, digest = item.item.partition(" ")
            return bool(self._statements.write(_MOVE_LINK, (*both, key_id, bytes.fromhex(digest))))
        rest = (item.item,) if item.kind == "credential" else (item.item, into_account_id, item.item)
        if not self._statements.write(_MOVE[item.kind], (*both, *rest)):
            return False
        if item.kind == "credential":
            self._statements.write(_MOVE_ATTACHMENT, (into_account_id, item.item))
        return True

    def find_joined_since(self, account_id: str, since: datetime) -> tuple[str, ...]:
        """Credentials first seen after a moment that nobody attached: a person's link led them to the account."""
        rows = self._statements.read_all(_FIND_JOINED, (account_id, to_epoch_seconds(since)))
        return tuple(str(row[0]) for row in rows)

    def delete_links_since(self, account_id: str, since: datetime) -> None:
        """Forget the account's links that were recorded after a moment."""
        self._statements.write(_DELETE_LINKS, (account_id, to_epoch_seconds(since)))

    def insert_merge(self, merge: Merge, items: Sequence[AccountItem]) -> None:
        """Record what was moved; the limits on questions count what was answered about either."""
        row = (merge.merge_id, merge.from_account_id, merge.into_account_id, to_epoch_seconds(merge.merged_at))
        self._statements.write(_INSERT_MERGE, row)
        for item in items:
            self._statements.write(_INSERT_ITEM, (merge.merge_id, item.kind, item.item))
        self._copy_questions(merge.from_account_id, merge.into_account_id)

    def find_merge(self, merge_id: str) -> tuple[Merge, tuple[AccountItem, ...]] | None:
        """A merge with what it moved."""
        row = self._statements.read_one(_FIND_MERGE, (merge_id,))
        if row is None:
            return None
        undone_at = None if row[3] is None else from_epoch_seconds(row[3])
        items = self._statements.read_all(_FIND_ITEMS, (merge_id,))
        merge = Merge(merge_id, row[0], row[1], from_epoch_seconds(row[2]), undone_at)
        return merge, tuple(AccountItem(kind, item) for kind, item in items)

    def mark_merge_undone(self, merge_id: str, now: datetime) -> bool:
        """Record the undoing; False if it was undone before."""
        rows = self._statements.write(_UNDO, (to_epoch_seconds(now), merge_id))
        for into_account_id, from_account_id in rows:
            self._copy_questions(into_account_id, from_account_id)
        return bool(rows)

    def _copy_questions(self, from_account_id: str, into_account_id: str) -> None:
        self._statements.write(_COPY_QUESTIONS, (into_account_id, from_account_id))
