"""Add to access tokens the details that each of them carries.

Why:    a client may narrow them at the token endpoint, and introspection has to tell those of the token.
Phase:  expand. The running version inserts access tokens without the new column; they carry those of their grant.
Locks:  access_tokens, for as long as adding a column without a rewrite takes.
Personal data: a copy of what the grant has already; it goes with the token, within an hour.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "access_tokens",
        sa.Column(
            "authorization_details",
            sa.Text(),
            nullable=True,
            comment="RFC 9396 §7: authorization_details of this token, JSON; null: those of its grant",
        ),
    )
