"""Clients that registered themselves and the invitations to do so.

Source: RFC 7591 §3, RFC 7592.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from idp.audit import AuditEvent
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.oidc.client import Client
from idp.oidc.registration_ports import Invitation, RegistrationLimits, SelfRegistration
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import (
    ClientAdministration,
    client_audit_row,
    client_from_row,
    client_to_row,
)
from idp.stores.sql.column_value import is_storable, join_words, split_words
from idp.stores.sql.schema import ClientRow
from idp.stores.sql.schema_registration import ClientRegistrationRow, InitialAccessTokenRow

_BY_ITSELF = "self_registered"


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """An initial access token as the operator sees it."""

    token_id: str
    note: str
    limits: RegistrationLimits
    uses_left: int
    expires_at: datetime


class ClientRegistrations(ClientAdministration):
    """Satisfies ``oidc.registration_ports.RegistrationStore``; the operator's view of invitations beside it."""

    def __init__(self, administration: Administration) -> None:
        super().__init__(administration)
        self._administration = administration

    def find_invitation(self, token_hash: bytes, now: datetime) -> Invitation | None:
        """The initial access token, if it is known, has uses left and is not past its time."""
        with self._administration.session() as session:
            row = session.scalar(
                select(InitialAccessTokenRow).where(
                    InitialAccessTokenRow.token_hash == token_hash,
                    InitialAccessTokenRow.uses_left > 0,
                    InitialAccessTokenRow.expires_at > to_epoch_seconds(now),
                )
            )
            return None if row is None else Invitation(row.token_id, _limits(row))

    def insert_registration(self, registration: SelfRegistration, most_open: int, now: datetime) -> bool:
        """Record the client, spending one use of its invitation; False, and nothing happened, if that cannot be."""
        with self._administration.session() as session:
            if not _let_in(session, registration, most_open, now):
                return False
            session.add(client_to_row(registration.client))
            session.flush()
            session.add(_to_row(registration, now))
            session.add(client_audit_row(AuditEvent.CLIENT_ADDED, registration.client.client_id, now, _BY_ITSELF))
        return True

    def find_registration(self, client_id: str, token_hash: bytes, now: datetime) -> SelfRegistration | None:
        """The client of a registration access token; None for every other pair, and past the client's time."""
        if not is_storable(client_id):
            return None
        with self._administration.session() as session:
            row = session.scalar(
                select(ClientRegistrationRow).where(
                    ClientRegistrationRow.client_id == client_id, ClientRegistrationRow.token_hash == token_hash
                )
            )
            client = None if row is None else session.get(ClientRow, client_id)
            if row is None or client is None or (row.expires_at or 1 << 62) <= to_epoch_seconds(now):
                return None
            return SelfRegistration(
                client_from_row(client),
                token_hash,
                _limits(row),
                row.software_statement,
                None if row.expires_at is None else from_epoch_seconds(row.expires_at),
            )

    def replace_registration(
        self, former: Client, client: Client, software_statement: str | None, now: datetime
    ) -> bool:
        """Register the client anew; False if it is not as ``former`` was any more."""
        with self._administration.session() as session:
            if not self.replace_within(session, former, client, now, _BY_ITSELF):
                return False
            session.execute(
                update(ClientRegistrationRow)
                .where(ClientRegistrationRow.client_id == client.client_id)
                .values(software_statement=software_statement)
            )
        return True

    def insert_invitation(self, invitation: StoredInvitation, token_hash: bytes, now: datetime) -> None:
        """Record an initial access token."""
        with self._administration.session() as session:
            session.add(
                InitialAccessTokenRow(
                    token_id=invitation.token_id,
                    token_hash=token_hash,
                    note=invitation.note,
                    scope=join_words(invitation.limits.scope),
                    redirect_hosts=join_words(invitation.limits.redirect_hosts),
                    uses_left=invitation.uses_left,
                    created_at=to_epoch_seconds(now),
                    expires_at=to_epoch_seconds(invitation.expires_at),
                )
            )
            session.add(client_audit_row(AuditEvent.CLIENT_INVITED, None, now))

    def list_invitations(self, now: datetime) -> tuple[StoredInvitation, ...]:
        """The usable ones, the next to end first."""
        with self._administration.session() as session:
            rows = session.scalars(
                select(InitialAccessTokenRow)
                .where(
                    InitialAccessTokenRow.expires_at > to_epoch_seconds(now),
                    InitialAccessTokenRow.uses_left > 0,
                )
                .order_by(InitialAccessTokenRow.expires_at, InitialAccessTokenRow.token_id)
            )
            return tuple(
                StoredInvitation(
                    row.token_id, row.note, _limits(row), row.uses_left, from_epoch_seconds(row.expires_at)
                )
                for row in rows
            )

    def delete_invitation(self, token_id: str, now: datetime) -> bool:
        """End an initial access token; clients that came by it stay. False if there is none."""
        if not is_storable(token_id):
            return False
        with self._administration.session() as session:
            deleted = session.execute(
                delete(InitialAccessTokenRow)
                .where(InitialAccessTokenRow.token_id == token_id)
                .returning(InitialAccessTokenRow.token_id)
            ).all()
            if deleted:
                session.add(client_audit_row(AuditEvent.INVITATION_ENDED, None, now))
            return bool(deleted)


def _let_in(session: Session, registration: SelfRegistration, most_open: int, now: datetime) -> bool:
    if registration.invitation is not None:
        spent = session.execute(
            update(InitialAccessTokenRow)
            .where(
                InitialAccessTokenRow.token_id == registration.invitation.token_id,
                InitialAccessTokenRow.uses_left > 0,
                InitialAccessTokenRow.expires_at > to_epoch_seconds(now),
            )
            .values(uses_left=InitialAccessTokenRow.uses_left - 1)
            .returning(InitialAccessTokenRow.token_id)
        ).all()
        return bool(spent)
    # Counted and not locked: some registrations at the same moment may be let in over the limit.
    alive = or_(ClientRegistrationRow.expires_at.is_(None), ClientRegistrationRow.expires_at > to_epoch_seconds(now))
    count = session.scalar(
        select(func.count())
        .select_from(ClientRegistrationRow)
        .where(ClientRegistrationRow.initial_token_id.is_(None), alive)
    )
    return (count or 0) < most_open


def _limits(row: ClientRegistrationRow | InitialAccessTokenRow) -> RegistrationLimits:
    return RegistrationLimits(split_words(row.scope), split_words(row.redirect_hosts))


def _to_row(registration: SelfRegistration, now: datetime) -> ClientRegistrationRow:
    invitation, expires_at = registration.invitation, registration.expires_at
    return ClientRegistrationRow(
        client_id=registration.client.client_id,
        token_hash=registration.token_hash,
        initial_token_id=None if invitation is None else invitation.token_id,
        scope=join_words(registration.limits.scope),
        redirect_hosts=join_words(registration.limits.redirect_hosts),
        software_statement=registration.software_statement,
        registered_at=to_epoch_seconds(now),
        expires_at=None if expires_at is None else to_epoch_seconds(expires_at),
    )
