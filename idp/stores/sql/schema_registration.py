"""The tables of self-registration (RFC 7591, RFC 7592), in the words of ``schema``."""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from idp.stores.sql.schema_columns import HASH_KEYED, Base, key_column, owner_column, plain_column


class ClientRegistrationRow(Base):
    """What hangs on a client that registered itself (RFC 7591, RFC 7592)."""

    __tablename__ = "client_registrations"
    __table_args__ = (Index(None, "expires_at"), HASH_KEYED)
    client_id: Mapped[str] = owner_column("clients.client_id", "RFC 6749: client_id", primary_key=True)
    token_hash: Mapped[bytes] = plain_column("SHA-256 of the RFC 7592 registration_access_token")
    initial_token_id: Mapped[str | None] = plain_column("which initial access token let it in; null: none was needed")
    scope: Mapped[str] = plain_column("RFC 7591: scope that it may register; empty: as the settings say")
    redirect_hosts: Mapped[str] = plain_column("hosts of redirect_uris that it may register; empty: any")
    software_statement: Mapped[str | None] = plain_column("RFC 7591 §2.3: software_statement, as sent; null: none")
    registered_at: Mapped[int] = plain_column("when")
    expires_at: Mapped[int | None] = plain_column("the client is removed then; null: never")


class InitialAccessTokenRow(Base):
    """Invitations to register a client (RFC 7591 §3)."""

    __tablename__ = "initial_access_tokens"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "expires_at"), HASH_KEYED)
    token_id: Mapped[str] = key_column("random, by which an operator ends it")
    token_hash: Mapped[bytes] = plain_column("SHA-256 of the token")
    note: Mapped[str] = plain_column("for whom, in the operator's words")
    scope: Mapped[str] = plain_column("RFC 7591: scope that may be registered with it; empty: as the settings say")
    redirect_hosts: Mapped[str] = plain_column("hosts of redirect_uris that may be registered with it; empty: any")
    uses_left: Mapped[int] = plain_column("how many clients may still be registered with it")
    created_at: Mapped[int] = plain_column("when")
    expires_at: Mapped[int] = plain_column("it is good until then")
