"""Note whom an operator named for a credential, and from which signing certificate released claims come.

Why:    one linked credential must not speak for another of its account; a revoked signing certificate ends what it
        told.
Phase:  expand. The running version leaves both empty: an operator is then asked once more about the credential, and a
        grant of that version outlives its signing certificate as it did before.
Locks:  credentials and released_claims, for as long as adding a column without a rewrite takes; released_claims also
        for its index, which is over rows as short-lived as grants.
Personal data: link_digest, the keyed digest that account_links has.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "credentials",
        sa.Column(
            "link_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="link_digest of whom an operator named for it; null: nobody was asked",
        ),
    )
    op.add_column(
        "released_claims",
        sa.Column(
            "credential_id",
            sa.Text(),
            nullable=True,
            comment="the signing certificate they come from; null: none",
        ),
    )
    op.create_index("ix_released_claims_credential_id", "released_claims", ["credential_id"])
