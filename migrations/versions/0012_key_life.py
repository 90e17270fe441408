"""Record of a signing key when its private half was destroyed and when it was revoked.

Why:    a key that signs no more needs no private half; a revoked one is named to clients although it is gone.
Phase:  expand. The running version writes neither; a key revoked by the next version is withdrawn there too.
Locks:  signing_keys, for as long as adding two columns without a rewrite takes.
Personal data: none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "signing_keys",
        sa.Column(
            "erased_at",
            sa.BigInteger(),
            comment="the public half stands for the private one since then; null: not yet",
        ),
    )
    op.add_column(
        "signing_keys",
        sa.Column(
            "revoked_at",
            sa.BigInteger(),
            comment="withdrawn in an emergency then, nothing is left of it; null: never",
        ),
    )
