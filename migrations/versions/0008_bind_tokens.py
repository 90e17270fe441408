"""Bind codes and tokens to the key of whoever may use them, and access tokens to the resources they are for.

Why:    a token that was stolen is worth nothing to whoever does not have the key (RFC 9449), and one for a
        resource server should be of no use at another (RFC 8707).
Phase:  expand. The running version inserts grants and tokens without the new columns.
Locks:  grants, access_tokens and refresh_tokens, for as long as adding columns without a rewrite takes.
Personal data: none; thumbprints of clients' keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JKT = "RFC 9449 §10: dpop_jkt, the key the code is bound to; null: none"
_RESOURCES = "RFC 8707: resource granted; empty: userinfo alone"
_AUDIENCE = "RFC 8707: resource it is for; empty: userinfo"
_CNF = "RFC 7800: cnf, the key it is bound to, JSON; null: none"


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column("grants", sa.Column("dpop_jkt", sa.Text(), nullable=True, comment=_JKT))
    op.add_column("grants", sa.Column("resources", sa.Text(), nullable=False, server_default="", comment=_RESOURCES))
    op.add_column("access_tokens", sa.Column("cnf", sa.Text(), nullable=True, comment=_CNF))
    op.add_column(
        "access_tokens", sa.Column("audience", sa.Text(), nullable=False, server_default="", comment=_AUDIENCE)
    )
    op.add_column("refresh_tokens", sa.Column("cnf", sa.Text(), nullable=True, comment=_CNF))
