"""Keep what is needed to ask for a credential's status between two sign-ins, where no list tells of it.

Why:    a card that is revoked after the sign-in was noticed at the next one only, unless a revocation list names it.
Phase:  expand. The running version leaves the new columns empty, and so asks about none of its credentials; what it
        revokes keeps its serial number until the job of the next version comes to it.
Locks:  credentials, for as long as adding columns without a rewrite takes, and its index, over rows that are all null.
Personal data: sealed_serial, the certificate's serial number encrypted under the key-encryption key; it goes when
        nothing rests on the credential any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    for column in (
        sa.Column(
            "sealed_serial",
            sa.Text(),
            nullable=True,
            comment="issuer and serial number, encrypted for lookup_digest; null: not kept",
        ),
        sa.Column(
            "status_due_at",
            sa.BigInteger(),
            nullable=True,
            comment="when its status is to be asked for; null: with sealed_serial",
        ),
        sa.Column(
            "status_time",
            sa.BigInteger(),
            nullable=True,
            comment="as of when a later question found it not revoked; null: none was put",
        ),
    ):
        op.add_column("credentials", column)
    op.create_index("ix_credentials_status_due_at", "credentials", ["status_due_at"])
