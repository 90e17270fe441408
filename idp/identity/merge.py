"""Merging: two accounts turn out to be one person's; everything that moves is listed, so that it can move back."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, new_identifier
from idp.identity.account import Account, AccountState
from idp.identity.errors import LinkRefused

if TYPE_CHECKING:
    from idp.identity.linking_ports import MergeWriter


@dataclass(frozen=True, slots=True)
class AccountItem:
    """One thing of an account: ``kind`` credential, subject, consent or link, and what names it there."""

    kind: str
    item: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made; ``undone_at`` is None while it holds."""

    merge_id: str
    from_account_id: str
    into_account_id: str
    merged_at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What a merge would do.

    ``moved`` changes its account. ``retired_sectors`` know the closing account by a ``sub`` that nobody gets any more:
    they know the other account by its own, and will see that one instead.
    """

    from_account_id: str
    into_account_id: str
    moved: tuple[AccountItem, ...]
    retired_sectors: tuple[str, ...]

    @property
    def moved_sectors(self) -> tuple[str, ...]:
        """The sectors that notice nothing: their ``sub`` goes along."""
        return tuple(each.item for each in self.moved if each.kind == "subject")


def plan_merge(writer: "MergeWriter", from_account_id: str, into_account_id: str) -> MergePlan:
    """What merging the first account into the second would do; nothing is changed.

    Raises: LinkRefused: same_account, no_such_account, not_active; different_person, where an operator names two.
    """
    if from_account_id == into_account_id:
        raise LinkRefused("same_account")
    accounts = [writer.find_account(account_id) for account_id in (from_account_id, into_account_id)]
    if None in accounts:
        raise LinkRefused("no_such_account")
    if any(account.state is not AccountState.ACTIVE for account in accounts if account is not None):
        raise LinkRefused("not_active")
    mine, theirs = (set(writer.find_account_items(each)) for each in (from_account_id, into_account_id))
    if _has(mine, "link") and _has(theirs, "link"):
        raise LinkRefused("different_person")
    moved = sorted((item for item in mine - theirs), key=lambda item: (item.kind, item.item))
    retired = sorted(item.item for item in mine & theirs if item.kind == "subject")
    return MergePlan(from_account_id, into_account_id, tuple(moved), tuple(retired))


def apply_merge(
    writer: "MergeWriter", plan: MergePlan, *, now: datetime, randomness: Randomness = secrets.token_bytes
) -> Merge:
    """Do what the plan says; both accounts are signed out everywhere.

    Effect: the closing account keeps its identifier and its retired subjects, so that no ``sub`` is ever given again.
    """
    for account_id in (plan.from_account_id, plan.into_account_id):
        writer.end_account_sessions(account_id, now)
    moved = [item for item in plan.moved if writer.move_item(item, plan.from_account_id, plan.into_account_id)]
    writer.set_account_state(plan.from_account_id, AccountState.MERGED, now)
    merge = Merge(new_identifier(randomness), plan.from_account_id, plan.into_account_id, now)
    writer.insert_merge(merge, moved)
    for account_id in (plan.from_account_id, plan.into_account_id):
        writer.append_audit(AuditRecord(AuditEvent.ACCOUNTS_MERGED, now, account_id))
    return merge


def undo_merge(writer: "MergeWriter", merge_id: str, *, now: datetime) -> Merge:
    """Give everything back that a merge moved; what came to the account since stays with it, but for other cards.

    A person's link that a merge moved leads that person's next cards after it, so they go back with it; a link that was
    recorded since may be either person's and is forgotten, and the operator is asked again.
    Raises: LinkRefused: no_such_merge, already_undone; not_active, where the account was itself merged since.
    """
    found = writer.find_merge(merge_id)
    if found is None:
        raise LinkRefused("no_such_merge")
    merge, moved = found
    into = writer.find_account(merge.into_account_id)
    _check_still_there(into)
    if not writer.mark_merge_undone(merge_id, now):
        raise LinkRefused("already_undone")
    writer.end_account_sessions(merge.into_account_id, now)
    writer.set_account_state(merge.from_account_id, AccountState.ACTIVE, now)
    joined: tuple[str, ...] = ()
    if any(item.kind == "link" for item in moved):
        joined = writer.find_joined_since(merge.into_account_id, merge.merged_at)
    for item in (*moved, *(AccountItem("credential", credential_id) for credential_id in joined)):
        writer.move_item(item, merge.into_account_id, merge.from_account_id)
    writer.delete_links_since(merge.into_account_id, merge.merged_at)
    for account_id in (merge.from_account_id, merge.into_account_id):
        writer.append_audit(AuditRecord(AuditEvent.MERGE_UNDONE, now, account_id))
    return merge


def _check_still_there(account: Account | None) -> None:
    if account is None or account.state is AccountState.MERGED:
        raise LinkRefused("not_active")


def _has(items: set[AccountItem], kind: str) -> bool:
    return any(item.kind == kind for item in items)
