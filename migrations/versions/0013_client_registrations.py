"""Add clients that register themselves, and the invitations to do so.

Why:    RFC 7591 and RFC 7592: a client is registered by its developer, and changed or removed with a token of its own.
        What hangs on that is apart from clients, which every request of a sign-in reads.
Phase:  expand. The running version does not know the new tables.
Locks:  none but those of new tables.
Personal data: none; a note of the operator's for whom an invitation is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "client_registrations",
        _text("client_id", "RFC 6749: client_id"),
        sa.Column(
            "token_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the RFC 7592 registration_access_token",
        ),
        _text("initial_token_id", "which initial access token let it in; null: none was needed", nullable=True),
        _text("scope", "RFC 7591: scope that it may register; empty: as the settings say"),
        _text("redirect_hosts", "hosts of redirect_uris that it may register; empty: any"),
        _text("software_statement", "RFC 7591 §2.3: software_statement, as sent; null: none", nullable=True),
        _whole("registered_at", "when"),
        _whole("expires_at", "the client is removed then; null: never", nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name="fk_client_registrations_client_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", name="pk_client_registrations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "initial_access_tokens",
        _text("token_id", "random, by which an operator ends it"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        _text("note", "for whom, in the operator's words"),
        _text("scope", "RFC 7591: scope that may be registered with it; empty: as the settings say"),
        _text("redirect_hosts", "hosts of redirect_uris that may be registered with it; empty: any"),
        _whole("uses_left", "how many clients may still be registered with it"),
        _whole("created_at", "when"),
        _whole("expires_at", "it is good until then"),
        sa.PrimaryKeyConstraint("token_id", name="pk_initial_access_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_initial_access_tokens_token_hash"),
        sqlite_with_rowid=False,
    )
    for table in ("client_registrations", "initial_access_tokens"):
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"], unique=False)


def _text(name: str, comment: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, comment=comment)


def _whole(name: str, comment: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, comment=comment)
