"""Note of each credential by which revocation lists it was told of when it was last shown.

Why:    a card without a kept serial number was taken for one of which a list tells, and kept its level from lists of
        other cards; where nobody is asked again, none is kept.
Phase:  expand. The running version leaves the column empty; the next takes that for "a list tells" only where lists are
        all that anybody is asked.
Locks:  credentials, for as long as adding a column without a rewrite takes.
Personal data: none; a digest of all lists that the settings have of the card's authority, the same for all its cards.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "credentials",
        sa.Column(
            "listed_by",
            sa.Text(),
            nullable=True,
            comment="which lists of its authority there were when one told of it; empty: none did; null: not known",
        ),
    )
