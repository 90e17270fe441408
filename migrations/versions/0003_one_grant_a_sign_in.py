"""Let a sign-in have one grant.

Why:    two requests of one browser (a return address and the waiting page's refresh) must not both get a code.
Phase:  expand; every sign-in had its own txn before.
Locks:  the grants table while the index is built, seconds at most: expired grants are purged.
Personal data: none.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.drop_index("ix_grants_txn", table_name="grants")
    op.create_index("ix_grants_txn", "grants", ["txn"], unique=True)
