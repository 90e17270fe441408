"""Add the journal of clients.

Why:    a client's developer wants to see which of its requests failed and why, without asking the operator.
Phase:  expand. The running version writes none.
Locks:  none but on the new table.
Personal data: none: routes, error codes, our own words, reference numbers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "client_notes",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
            comment="order of writing",
        ),
        sa.Column("client_id", sa.Text(), nullable=False, comment="RFC 6749: client_id"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("place", sa.Text(), nullable=False, comment="route, or claims"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="error code, reason, or answered"),
        sa.Column("detail", sa.Text(), nullable=False, comment="more in words of ours"),
        sa.Column("reference", sa.Text(), nullable=False, comment="number that the answer or the log has"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="kept until then"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_client_notes_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sequence", name="pk_client_notes"),
        sqlite_autoincrement=True,
    )
    for column in ("client_id", "expires_at"):
        op.create_index(f"ix_client_notes_{column}", "client_notes", [column], unique=False)
