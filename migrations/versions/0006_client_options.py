"""Add to clients the members that not every client has.

Why:    most clients register a dozen members, a few register forty; one column carries those few under their names.
Phase:  expand. The running version inserts clients without the new column.
Locks:  clients, for as long as adding a column without a rewrite takes.
Personal data: none; contacts of a client's operator, where registered.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "clients",
        sa.Column(
            "options",
            sa.Text(),
            nullable=False,
            server_default="{}",
            comment="RFC 7591: members not every client has, JSON",
        ),
    )
