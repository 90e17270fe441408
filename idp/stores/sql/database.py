"""The one interface over both drivers: one statement, or several in one transaction.

Statements are written once, in what SQLite and PostgreSQL both speak, with ``?`` for a value.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Row = tuple[Any, ...]
Dialect = Literal["sqlite", "postgresql"]


class Statements(Protocol):
    """Something that runs statements: a database (each by itself) or an open transaction (all or none).

    Every method raises StoreUnavailable and StoreConflict (``idp.outage``) and no exception of a driver for them.
    """

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        ...

    def read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        ...

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement that changes something; the rows of its RETURNING clause."""
        ...


class Database(Statements, Protocol):
    """A database that processes may fork with and threads may share."""

    @property
    def dialect(self) -> Dialect:
        """Which of the two engines answers."""
        ...

    def transaction(self) -> AbstractContextManager[Statements]:
        """One write transaction: committed when the block ends, rolled back when it raises."""
        ...

    def close(self) -> None:
        """Close the connections that are not in use."""
        ...


class StatementObserver(Protocol):
    """Told of what is run, so that tests can hold the program to its budget of statements."""

    def saw_statement(self, sql: str) -> None:
        """One statement is about to run."""
        ...

    def saw_write_transaction(self) -> None:
        """One write transaction has begun, a single writing statement included."""
        ...


class StatementCounter:
    """An observer that counts, for tests and the bench."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.write_transactions = 0

    def saw_statement(self, sql: str) -> None:
        """Note the statement."""
        self.statements.append(sql)

    def saw_write_transaction(self) -> None:
        """Note the transaction."""
        self.write_transactions += 1
