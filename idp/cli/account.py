"""``idp account``: finding, suspending, resuming and signing out people without knowing who they are."""

from typing import Any

import click

from idp.audit import AuditEvent, AuditRecord
from idp.cli.account_choice import AccountChoice, choice_options, get_chosen_account
from idp.cli.account_credential import restore
from idp.cli.account_merge import merge
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.identity.account import Account, AccountState
from idp.stores.sql.account_administration import AccountSummary


@click.group("account")
def account() -> None:
    """People's accounts, which have no names."""


account.add_command(merge)
account.add_command(restore)


@account.command("find")
@choice_options
@json_option
@click.pass_obj
def find_account(session: Session, /, **choice: Any) -> None:
    """What is known of an account: states, times and clients."""
    found = get_chosen_account(session, AccountChoice(**choice))
    session.show(_describe(found), _write(found))


@account.command("suspend")
@choice_options
@json_option
@click.pass_obj
def suspend_account(session: Session, /, **choice: Any) -> None:
    """Let the account sign in no more, and end its sessions, grants and tokens."""
    found = get_chosen_account(session, AccountChoice(**choice))
    now = session.now
    with session.parts.durable.writing() as writer:
        _check_not_ended(writer.find_account(found.account_id))
        writer.set_account_state(found.account_id, AccountState.SUSPENDED, now)
        ended = writer.end_account_sessions(found.account_id, now)
        writer.append_audit(AuditRecord(AuditEvent.ACCOUNT_SUSPENDED, now, account_id=found.account_id))
    _show_change(session, found.account_id, "suspended", ended)


@account.command("resume")
@choice_options
@json_option
@click.pass_obj
def resume_account(session: Session, /, **choice: Any) -> None:
    """Let a suspended account sign in again; credentials that are revoked or were reported lost stay so."""
    found = get_chosen_account(session, AccountChoice(**choice))
    now = session.now
    with session.parts.durable.writing() as writer:
        _check_not_ended(writer.find_account(found.account_id))
        writer.set_account_state(found.account_id, AccountState.ACTIVE, now)
        writer.append_audit(AuditRecord(AuditEvent.ACCOUNT_RESUMED, now, account_id=found.account_id))
    session.show({"account_id": found.account_id, "state": "active"}, f"{found.account_id} is active.")


@account.command("sign-out")
@choice_options
@json_option
@click.pass_obj
def sign_out_account(session: Session, /, **choice: Any) -> None:
    """End the account's sessions, grants and tokens everywhere; it may sign in again."""
    found = get_chosen_account(session, AccountChoice(**choice))
    now = session.now
    with session.parts.durable.writing() as writer:
        ended = writer.end_account_sessions(found.account_id, now)
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_OUT, now, account_id=found.account_id, outcome="by_operator"))
    _show_change(session, found.account_id, found.state.value, ended)


def _check_not_ended(account: Account | None) -> None:
    """A merged or closed account holds retired subjects only; nothing but undoing the merge opens it again."""
    if account is None or account.state not in (AccountState.ACTIVE, AccountState.SUSPENDED):
        raise Refused(f"the account is {'gone' if account is None else account.state.value}")


def _show_change(session: Session, account_id: str, state: str, ended: int) -> None:
    data = {"account_id": account_id, "state": state, "ended": ended}
    what = f"{ended} sessions and grants ended" if ended else "no session or grant was left to end"
    session.show(data, f"{account_id} is {state}; {what}.")


def _describe(found: AccountSummary) -> dict[str, Any]:
    return {
        "account_id": found.account_id,
        "state": found.state.value,
        "opened_at": found.opened_at.isoformat(),
        "sessions": found.session_count,
        "client_ids": list(found.client_ids),
        "credentials": [
            {
                "credential_id": credential.credential_id,
                "kind": credential.kind,
                "state": credential.state.value,
                "first_seen_at": credential.first_seen_at.isoformat(),
                "last_seen_at": credential.last_seen_at.date().isoformat(),
            }
            for credential in found.credentials
        ],
    }


def _write(found: AccountSummary) -> str:
    lines = [
        f"account   {found.account_id}",
        f"state     {found.state.value}",
        f"opened    {found.opened_at:%Y-%m-%d}",
        f"sessions  {found.session_count}",
        f"clients   {' '.join(found.client_ids) or '-'}",
    ]
    lines += [
        f"{credential.kind}  {credential.credential_id}  {credential.state.value}"
        f"  {credential.first_seen_at:%Y-%m-%d} to {credential.last_seen_at:%Y-%m-%d}"
        for credential in found.credentials
    ]
    return "\n".join(lines)
