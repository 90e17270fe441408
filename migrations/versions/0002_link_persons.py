"""Add what links credentials and accounts of one person.

Why:    a platform operator's linkage, the rebinding ceremony, two operators' decisions and merges need their records.
Phase:  expand.
Locks:  none that anybody waits for; every table is new.
Personal data: persons as keyed digests of an operator's identifiers; which credentials and accounts are one person's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    _create_account_links()
    _create_attachments()
    _create_link_requests()
    _create_account_merges()
    _create_account_merge_items()


def _key(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, comment=comment)


def _owned(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _create_account_links() -> None:
    op.create_table(
        "account_links",
        _key("lookup_key_id", "which look-up key made the digest"),
        sa.Column("link_digest", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of (operator, person)"),
        _key("account_id", "whose it is"),
        _key("check_id", "OIDC4IDA: the check in which the operator said so"),
        _time("linked_at", "when it was recorded"),
        _owned("account_links", "account_id", "accounts.account_id"),
        sa.PrimaryKeyConstraint("lookup_key_id", "link_digest", name="pk_account_links"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_links_account_id", "account_links", ["account_id"], unique=False)


def _create_attachments() -> None:
    op.create_table(
        "attachments",
        _key("credential_id", "what was attached"),
        _key("account_id", "to which account"),
        sa.Column(
            "attached_by", sa.Text(), nullable=True, comment="the credential that vouched; null: two operators decided"
        ),
        _time("attached_at", "when"),
        _time("announced_until", "until then an older credential may undo it"),
        _owned("attachments", "credential_id", "credentials.credential_id"),
        _owned("attachments", "account_id", "accounts.account_id"),
        sa.PrimaryKeyConstraint("credential_id", name="pk_attachments"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attachments_account_id", "attachments", ["account_id"], unique=False)
    op.create_index("ix_attachments_attached_by", "attachments", ["attached_by"], unique=False)


def _create_link_requests() -> None:
    op.create_table(
        "link_requests",
        _key("request_id", "random"),
        _key("account_id", "to which account"),
        _key("lookup_key_id", "which look-up key made the digest"),
        sa.Column(
            "lookup_digest", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of (issuer key, serial number)"
        ),
        _key("profile", "credential profile"),
        _key("kind", "card, phone …"),
        _time("valid_until", "RFC 5280: notAfter"),
        _key("txn", "RFC 8417 §2.2: txn of the sign-in that asked"),
        _key("state", "pending, approved or rejected"),
        sa.Column("first_operator", sa.Text(), nullable=True, comment="who approved first; null: nobody"),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="who decided at last; null: nobody yet"),
        _time("requested_at", "when"),
        _time("expires_at", "without decision it ends then"),
        _owned("link_requests", "account_id", "accounts.account_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_link_requests"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_requests_account_id", "link_requests", ["account_id"], unique=False)
    op.create_index("ix_link_requests_expires_at", "link_requests", ["expires_at"], unique=False)


def _create_account_merges() -> None:
    op.create_table(
        "account_merges",
        _key("merge_id", "random"),
        _key("from_account_id", "which account closed"),
        _key("into_account_id", "which account goes on"),
        _time("merged_at", "when"),
        _time("undone_at", "when it was undone; null: it holds", nullable=True),
        _owned("account_merges", "from_account_id", "accounts.account_id"),
        _owned("account_merges", "into_account_id", "accounts.account_id"),
        sa.PrimaryKeyConstraint("merge_id", name="pk_account_merges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_merges_from_account_id", "account_merges", ["from_account_id"], unique=False)
    op.create_index("ix_account_merges_into_account_id", "account_merges", ["into_account_id"], unique=False)


def _create_account_merge_items() -> None:
    op.create_table(
        "account_merge_items",
        _key("merge_id", "which merge"),
        _key("kind", "credential, subject, consent or link"),
        _key("item", "credential_id, sector, client_id, or key id and digest"),
        _owned("account_merge_items", "merge_id", "account_merges.merge_id"),
        sa.PrimaryKeyConstraint("merge_id", "kind", "item", name="pk_account_merge_items"),
        sqlite_with_rowid=False,
    )
