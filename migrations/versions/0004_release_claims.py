"""Add what a grant releases about a person, and the count of questions answered.

Why:    claims are decided once, when the grant is made, and kept encrypted only as long as the grant.
Phase:  expand.
Locks:  none that anybody waits for; both tables are new.
Personal data: released attributes, encrypted under a key outside the database; which questions were answered.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_table(
        "released_claims",
        sa.Column("grant_id", sa.Text(), nullable=False, comment="under which grant"),
        sa.Column("sealed", sa.Text(), nullable=False, comment="OIDC Core §5.3.2: claims, encrypted for grant_id"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.grant_id"], name="fk_released_claims_grant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grant_id", name="pk_released_claims"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answered_questions",
        sa.Column("account_id", sa.Text(), nullable=False, comment="about whom"),
        sa.Column("sector", sa.Text(), nullable=False, comment="OIDC Core §8.1: sector identifier"),
        sa.Column("kind", sa.Text(), nullable=False, comment="age or residence"),
        sa.Column("name", sa.Text(), nullable=False, comment="the exact question"),
        sa.Column("answered_at", sa.BigInteger(), nullable=False, comment="when it was last answered"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_answered_questions_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "sector", "kind", "name", name="pk_answered_questions"),
        sqlite_with_rowid=False,
    )
