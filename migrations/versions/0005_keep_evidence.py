"""Add the evidence store, and what a client's entitlement to evidence is.

Why:    a client that rests a legal duty on a sign-in must be able to show years later what was checked; the grant and
        its claims are gone by then. Accounts and clients may go before their evidence does, so nothing ties them.
Phase:  expand. The running version inserts clients without the new columns.
Locks:  clients, for as long as adding two columns without a rewrite takes.
Personal data: who was checked, how, and the names of what was told; values and statement only for clients with a
        registered legal basis, encrypted under a key outside the database.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column(
        "clients",
        sa.Column(
            "is_lawful_verifier",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="the operator has registered its legal basis for values and serial numbers",
        ),
    )
    op.add_column(
        "clients",
        sa.Column(
            "evidence_retention_days",
            sa.BigInteger(),
            nullable=True,
            comment="how long its evidence is kept; null: as the settings say",
        ),
    )
    op.create_table(
        "evidence",
        _text("txn", "RFC 8417 §2.2: txn of the sign-in"),
        _text("client_id", "RFC 6749: client_id it was made for; the client may be gone"),
        _text("account_id", "who was checked; the account may be gone"),
        _text("sub", "OIDC Core §2: sub by which the client knows the person"),
        _text("certificates", "OIDC4IDA §5: kinds, procedures and checks, JSON"),
        _text("claim_names", "OIDC Core §5.1: names of the claims released"),
        _text("consent_items", "what the person agreed to, by key"),
        sa.Column(
            "statement_hash", sa.LargeBinary(), nullable=True, comment="SHA-256 of the text signed; null: none was"
        ),
        sa.Column(
            "sealed", sa.Text(), nullable=True, comment="values and statement, encrypted for txn; null: no legal basis"
        ),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False, comment="when it was made, with the grant"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="kept until then, and longer while held"),
        sa.Column("held_at", sa.BigInteger(), nullable=True, comment="legal hold since then; null: none"),
        sa.PrimaryKeyConstraint("txn", name="pk_evidence"),
    )
    for column in ("account_id", "client_id", "expires_at"):
        op.create_index(f"ix_evidence_{column}", "evidence", [column], unique=False)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)
