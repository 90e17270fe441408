"""Accounts as the operator finds them: by account, by a sign-in's ``txn``, by a client's ``sub``; never by name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.account import AccountState
from idp.identity.credential import CredentialState
from idp.stores.sql.administration import Administration
from idp.stores.sql.column_value import is_storable
from idp.stores.sql.schema import (
    AccountRow,
    AuditEventRow,
    BrowserSessionRow,
    ClientRow,
    ConsentRow,
    CredentialRow,
    GrantRow,
    SubjectRow,
)


@dataclass(frozen=True, slots=True)
class CredentialSummary:
    """A credential without what it is looked up by."""

    credential_id: str
    kind: str
    profile: str
    state: CredentialState
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What an operator may know of an account: states, times and counts; no digest, no secret, no attribute."""

    account_id: str
    state: AccountState
    opened_at: datetime
    credentials: tuple[CredentialSummary, ...]
    session_count: int
    client_ids: tuple[str, ...]


class AccountAdministration:
    """The operator's view of accounts; changes go through the durable store's transactions."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    def find_account(self, account_id: str, now: datetime) -> AccountSummary | None:
        """The account of this identifier."""
        return self._summarise(account_id if is_storable(account_id) else None, now)

    def find_account_by_txn(self, txn: str, now: datetime) -> AccountSummary | None:
        """The account that signed in under this ``txn``, as the grant or, later, the audit log has it."""
        if not is_storable(txn):
            return None
        with self._administration.session() as session:
            account_id = session.scalars(select(GrantRow.account_id).where(GrantRow.txn == txn).limit(1)).first()
            if account_id is None:
                audited = select(AuditEventRow.account_id).where(
                    AuditEventRow.txn == txn, AuditEventRow.account_id.is_not(None)
                )
                account_id = session.scalars(audited.order_by(AuditEventRow.sequence).limit(1)).first()
        return self._summarise(account_id, now)

    def find_txns(self, prefix: str, limit: int) -> tuple[str, ...]:
        """The sign-ins that reached an account and whose ``txn`` begins so, at most ``limit`` of them.

        Compared as a substring, since LIKE takes underscores for anything and, in SQLite, either case for the same.
        """
        if not is_storable(prefix):
            return ()
        found: set[str] = set()
        with self._administration.session() as session:
            for column, account_id in (
                (GrantRow.txn, GrantRow.account_id),
                (AuditEventRow.txn, AuditEventRow.account_id),
            ):
                begins = func.substr(column, 1, len(prefix)) == prefix
                found.update(
                    session.scalars(select(column).where(begins, account_id.is_not(None)).distinct().limit(limit))
                )
        return tuple(sorted(found)[:limit])

    def find_account_by_subject(self, client_id: str, sub: str, now: datetime) -> AccountSummary | None:
        """The account that this client knows by this ``sub`` (OIDC Core §8.1)."""
        if not (is_storable(client_id) and is_storable(sub)):
            return None
        with self._administration.session() as session:
            known = select(SubjectRow.account_id).join(ClientRow, ClientRow.sector == SubjectRow.sector)
            account_id = session.scalars(known.where(ClientRow.client_id == client_id, SubjectRow.sub == sub)).first()
        return self._summarise(account_id, now)

    def _summarise(self, account_id: str | None, now: datetime) -> AccountSummary | None:
        if account_id is None:
            return None
        with self._administration.session() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                return None
            sessions = select(func.count()).where(
                BrowserSessionRow.account_id == account_id, BrowserSessionRow.expires_at > to_epoch_seconds(now)
            )
            return AccountSummary(
                account_id=account_id,
                state=AccountState(account.state),
                opened_at=from_epoch_seconds(account.opened_at),
                credentials=_read_credentials(session, account_id),
                session_count=session.scalars(sessions).one(),
                client_ids=_read_client_ids(session, account_id),
            )


def _read_credentials(session: Session, account_id: str) -> tuple[CredentialSummary, ...]:
    rows = session.scalars(
        select(CredentialRow).where(CredentialRow.account_id == account_id).order_by(CredentialRow.first_seen_at)
    )
    return tuple(
        CredentialSummary(
            credential_id=row.credential_id,
            kind=row.kind,
            profile=row.profile,
            state=CredentialState(row.state),
            first_seen_at=from_epoch_seconds(row.first_seen_at),
            last_seen_at=from_epoch_seconds(row.last_seen_at),
        )
        for row in rows
    )


def _read_client_ids(session: Session, account_id: str) -> tuple[str, ...]:
    granted = select(GrantRow.client_id).where(GrantRow.account_id == account_id)
    agreed = select(ConsentRow.client_id).where(ConsentRow.account_id == account_id)
    return tuple(sorted(set(session.scalars(granted)) | set(session.scalars(agreed))))
