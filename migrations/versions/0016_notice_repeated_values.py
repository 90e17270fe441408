"""Find the code_challenge or nonce that a client has used before.

Why:    RFC 9700 §2.1.1: who redeems a code is told when its request was not made anew; the statement that spends the
        code asks, and needs an index for each.
Phase:  expand. The running version finds a client's grants by the first column of either index.
Locks:  the grants table while the indexes are built, seconds at most: expired grants are purged.
Personal data: none; nonce and code_challenge are random values of clients, stored already.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.create_index("ix_grants_client_id_code_challenge", "grants", ["client_id", "code_challenge"])
    op.create_index("ix_grants_client_id_nonce", "grants", ["client_id", "nonce"])
    op.drop_index("ix_grants_client_id", table_name="grants")
