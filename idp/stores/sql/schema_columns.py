"""What the tables' columns are made of: names of constraints, types, comments."""

from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# For small rows that are found by their key; wide rows with many indexes are cheaper with a rowid (a third, measured).
HASH_KEYED: Final = {"sqlite_with_rowid": False}
SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All durable tables."""

    registry = registry(
        metadata=MetaData(naming_convention=_NAMES),
        type_annotation_map={str: Text, int: BigInteger, bytes: LargeBinary},
    )


def key_column(comment: str) -> Mapped[Any]:
    """Part of the primary key."""
    return mapped_column(primary_key=True, comment=comment)


def plain_column(comment: str) -> Mapped[Any]:
    """A value; whether it may be null says its annotation."""
    return mapped_column(comment=comment)


def owner_column(target: str, comment: str, *, primary_key: bool = False) -> Mapped[Any]:
    """The row that this one goes with."""
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), primary_key=primary_key, comment=comment)
