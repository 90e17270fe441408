"""Name sessions through their renewals, and keep the logout tokens that clients are owed.

Why:    a client knows a browser session by one sid however often its cookie is renewed; and a sign-out must reach its
        clients also when one of them, or this provider, is down at that moment.
Phase:  expand. The running version inserts sessions without the new column, which then are their own origin.
Locks:  browser_sessions, for as long as adding a column without a rewrite takes.
Personal data: the pairwise sub and the sid at one client, until the logout token was taken or 30 days.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "browser_sessions",
        sa.Column(
            "origin_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="session_hash of the first of a row of renewals; null: its own",
        ),
    )
    op.create_table(
        "logout_deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False, comment="random"),
        sa.Column("client_id", sa.Text(), nullable=False, comment="to whom"),
        sa.Column("sub", sa.Text(), nullable=False, comment="Back-Channel Logout §2.4: sub"),
        sa.Column("sid", sa.Text(), nullable=False, comment="Back-Channel Logout §2.4: sid"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="when the session ended"),
        sa.Column("due_at", sa.BigInteger(), nullable=False, comment="next try"),
        sa.Column(
            "claimed_until", sa.BigInteger(), nullable=True, comment="a try is under way, and lost then; null: none"
        ),
        sa.Column("tries", sa.Integer(), nullable=False, comment="tries begun"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="code of the last failure, or empty"),
        sa.Column("dead_at", sa.BigInteger(), nullable=True, comment="when it was given up; null: not"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="forgotten then, delivered or not"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_logout_deliveries_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_logout_deliveries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logout_deliveries_client_id", "logout_deliveries", ["client_id"])
    op.create_index("ix_logout_deliveries_due_at", "logout_deliveries", ["due_at"])
    op.create_index("ix_logout_deliveries_expires_at", "logout_deliveries", ["expires_at"])
