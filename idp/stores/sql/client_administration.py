"""Clients as the operator adds, lists, shows and removes them; every change leaves an audit event.

Source: OIDC Registration §2; RFC 7591 §2.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from idp.audit import AuditEvent
from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.keys.jws_registry import SigningAlgorithm
from idp.oidc.client import Client, TokenEndpointAuthMethod
from idp.oidc.client_options import ClientOptions
from idp.stores.sql.administration import Administration
from idp.stores.sql.column_value import is_storable, join_words, split_words
from idp.stores.sql.schema import AuditEventRow, ClientRow, ConsentRow


class ClientAdministration:
    """The operator's view of clients."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    def insert_client(self, client: Client) -> bool:
        """Register a client; False if the ``client_id`` is taken."""
        with self._administration.session() as session:
            if session.get(ClientRow, client.client_id) is not None:
                return False
            session.add(client_to_row(client))
            session.add(client_audit_row(AuditEvent.CLIENT_ADDED, client.client_id, client.created_at))
        return True

    def insert_clients(self, clients: Sequence[Client]) -> str | None:
        """Register all of them or none: None, or a ``client_id`` that is taken or stands twice."""
        with self._administration.session() as session:
            for number, client in enumerate(clients):
                is_double = any(client.client_id == other.client_id for other in clients[:number])
                if is_double or session.get(ClientRow, client.client_id) is not None:
                    session.rollback()
                    return client.client_id
                session.add(client_to_row(client))
                session.add(client_audit_row(AuditEvent.CLIENT_ADDED, client.client_id, client.created_at))
        return None

    def replace_client(self, former: Client, client: Client, now: datetime) -> bool:
        """Register a client anew under its id, in one statement; False if it is not as ``former`` was any more.

        Where the sector changes, consents end with it: they were given for another ``sub``.
        """
        with self._administration.session() as session:
            return self.replace_within(session, former, client, now)

    def replace_within(
        self, session: Session, former: Client, client: Client, now: datetime, outcome: str = ""
    ) -> bool:
        """The same as part of a transaction that changes more; ``outcome`` tells the auditor who did it."""
        changed = session.execute(
            update(ClientRow)
            # The fingerprint says nothing of the secret: one that was rotated meanwhile must not come back.
            .where(
                ClientRow.client_id == former.client_id,
                ClientRow.fingerprint == former.fingerprint,
                ClientRow.secret_hash.is_not_distinct_from(former.secret_hash),
            )
            .values(client_to_values(client))
            .returning(ClientRow.client_id)
        ).all()
        if changed:
            session.add(client_audit_row(AuditEvent.CLIENT_CHANGED, client.client_id, now, outcome))
        if changed and former.sector != client.sector:
            session.execute(delete(ConsentRow).where(ConsentRow.client_id == client.client_id))
        return bool(changed)

    def find_client(self, client_id: str) -> Client | None:
        """The client as it is now, never an old answer."""
        if not is_storable(client_id):
            return None
        with self._administration.session() as session:
            row = session.get(ClientRow, client_id)
            return None if row is None else client_from_row(row)

    def list_clients(self) -> tuple[Client, ...]:
        """All clients, in order of registration."""
        with self._administration.session() as session:
            rows = session.scalars(select(ClientRow).order_by(ClientRow.created_at, ClientRow.client_id))
            return tuple(client_from_row(row) for row in rows)

    def delete_client(self, client_id: str, now: datetime) -> bool:
        """Remove a client with its grants, tokens and consents; False if there is none. Subjects stay: they are the
        sector's."""
        with self._administration.session() as session:
            deleted = session.execute(
                delete(ClientRow).where(ClientRow.client_id == client_id).returning(ClientRow.client_id)
            ).all()
            if deleted:
                session.add(client_audit_row(AuditEvent.CLIENT_REMOVED, client_id, now))
            return bool(deleted)

    def replace_secret_hash(self, client_id: str, secret_hash: bytes, now: datetime) -> bool:
        """Give the client another secret, at once; False if there is no such client."""
        with self._administration.session() as session:
            changed = session.execute(
                update(ClientRow)
                .where(ClientRow.client_id == client_id)
                .values(secret_hash=secret_hash)
                .returning(ClientRow.client_id)
            ).all()
            if changed:
                session.add(client_audit_row(AuditEvent.CLIENT_SECRET_ROTATED, client_id, now))
            return bool(changed)


def client_audit_row(event: AuditEvent, client_id: str | None, at: datetime, outcome: str = "") -> AuditEventRow:
    """What happened to a client, for the auditor."""
    return AuditEventRow(event=event.value, at=to_epoch_seconds(at), client_id=client_id, outcome=outcome, check_ids="")


def client_to_row(client: Client) -> ClientRow:
    """A client as it is stored."""
    return ClientRow(**client_to_values(client))


def client_to_values(client: Client) -> dict[str, Any]:
    """A client by column."""
    return {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "redirect_uris": join_words(client.redirect_uris),
        "sector": client.sector,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "scope": join_words(client.scope),
        "grant_types": join_words(client.grant_types),
        "require_pkce": client.require_pkce,
        "is_reviewed": client.is_reviewed,
        "client_uri": client.client_uri,
        "post_logout_redirect_uris": join_words(client.post_logout_redirect_uris),
        "secret_hash": client.secret_hash,
        "jwks": None if client.jwks is None else json.dumps(client.jwks, separators=(",", ":"), sort_keys=True),
        "created_at": to_epoch_seconds(client.created_at),
        "fingerprint": client.fingerprint,
        "is_lawful_verifier": client.is_lawful_verifier,
        "evidence_retention_days": client.evidence_retention_days,
        "options": json.dumps(client.options.to_members(), separators=(",", ":"), sort_keys=True),
    }


def client_from_row(row: ClientRow) -> Client:
    """A client as it was stored."""
    return Client(
        client_id=row.client_id,
        client_name=row.client_name,
        redirect_uris=split_words(row.redirect_uris),
        sector=row.sector,
        token_endpoint_auth_method=cast(TokenEndpointAuthMethod, row.token_endpoint_auth_method),
        id_token_signed_response_alg=cast(SigningAlgorithm, row.id_token_signed_response_alg),
        scope=split_words(row.scope),
        grant_types=split_words(row.grant_types),
        require_pkce=row.require_pkce,
        is_reviewed=row.is_reviewed,
        client_uri=row.client_uri,
        post_logout_redirect_uris=split_words(row.post_logout_redirect_uris),
        secret_hash=row.secret_hash,
        jwks=None if row.jwks is None else json.loads(row.jwks),
        created_at=from_epoch_seconds(row.created_at),
        fingerprint=row.fingerprint,
        is_lawful_verifier=row.is_lawful_verifier,
        evidence_retention_days=row.evidence_retention_days,
        options=ClientOptions.from_members(json.loads(row.options)),
    )
