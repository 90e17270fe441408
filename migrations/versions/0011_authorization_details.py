"""Add to grants what was granted in detail.

Why:    a client may ask for objects of types that the operator declared; they are told with every token of the grant.
Phase:  expand. The running version inserts grants without the new column.
Locks:  grants, for as long as adding a column without a rewrite takes.
Personal data: what a client wrote into the details that the person agreed to; it goes with the grant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "grants",
        sa.Column(
            "authorization_details",
            sa.Text(),
            nullable=True,
            comment="RFC 9396 §7: authorization_details granted, JSON",
        ),
    )
