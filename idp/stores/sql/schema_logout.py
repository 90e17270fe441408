"""What clients are owed when a session ends; as ``schema``, of which it is a part."""

from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from idp.stores.sql.schema_columns import HASH_KEYED, Base, key_column, owner_column, plain_column


class LogoutDeliveryRow(Base):
    """Logout tokens that clients are owed, written when a session ends and gone when one is taken."""

    __tablename__ = "logout_deliveries"
    __table_args__ = (Index(None, "due_at"), Index(None, "client_id"), Index(None, "expires_at"), HASH_KEYED)
    delivery_id: Mapped[str] = key_column("random")
    client_id: Mapped[str] = owner_column("clients.client_id", "to whom")
    sub: Mapped[str] = plain_column("Back-Channel Logout §2.4: sub")
    sid: Mapped[str] = plain_column("Back-Channel Logout §2.4: sid")
    created_at: Mapped[int] = plain_column("when the session ended")
    due_at: Mapped[int] = plain_column("next try")
    claimed_until: Mapped[int | None] = plain_column("a try is under way, and lost then; null: none")
    tries: Mapped[int] = mapped_column(Integer, comment="tries begun")
    outcome: Mapped[str] = plain_column("code of the last failure, or empty")
    dead_at: Mapped[int | None] = plain_column("when it was given up; null: not")
    expires_at: Mapped[int] = plain_column("forgotten then, delivered or not")
