"""SQLite through the standard library's ``sqlite3``, and nothing between.

Source: sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from idp.outage import StoreConflict, StoreUnavailable
from idp.stores.sql.database import Row, StatementObserver
from idp.stores.sql.idle_connections import IdleConnections

BUSY_SECONDS: Final = 10.0
_STATEMENT_CACHE: Final = 256
_CONNECTION_LIMIT: Final = 256


class SqliteDatabase:
    """One database file in WAL mode.

    ``synchronous`` FULL survives a power cut, OFF only the death of the process. One lock a process serialises writers:
    waiting on a lock is cheaper and fairer than polling the file; other processes wait by ``busy_timeout``.
    """

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(
        self, path: Path, synchronous: Literal["FULL", "OFF"] = "FULL", observer: StatementObserver | None = None
    ) -> None:
        self._path = path.absolute()
        self._synchronous = synchronous
        self._observer = observer
        self._idle = IdleConnections(self._connect, _CONNECTION_LIMIT, BUSY_SECONDS)
        self._write_lock = threading.Lock()
        _renew_lock_after_fork(weakref.ref(self))

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        rows = self.read_all(sql, parameters)
        return rows[0] if rows else None

    def read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        connection = self._idle.take()
        try:
            return run(connection, sql, parameters, self._observer)
        finally:
            self._idle.put_back(connection)

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one changing statement by itself; it is committed when this returns."""
        with self._writing() as connection:
            return run(connection, sql, parameters, self._observer)

    @contextmanager
    def transaction(self) -> Iterator["SqliteTransaction"]:
        """One write transaction; BEGIN IMMEDIATE, so that it never has to give up half-way for another writer."""
        with self._writing() as connection:
            run(connection, "BEGIN IMMEDIATE", (), None)
            try:
                yield SqliteTransaction(connection, self._observer)
                run(connection, "COMMIT", (), None)
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._idle.close_idle()

    def renew_lock(self) -> None:
        """Begin anew in a child process, where the parent's writer does not run."""
        self._write_lock = threading.Lock()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        lock = self._write_lock
        if not lock.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable("SQLite: another thread has been writing for too long")
        try:
            connection = self._idle.take()
            try:
                if self._observer is not None:
                    self._observer.saw_write_transaction()
                yield connection
            finally:
                self._idle.put_back(connection)
        finally:
            lock.release()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode=rw",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_STATEMENT_CACHE,
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                connection.execute(f"PRAGMA synchronous = {self._synchronous}")
                connection.execute("PRAGMA foreign_keys = ON")
            except sqlite3.Error:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise translated(error) from None
        return connection


class SqliteTransaction:
    """Statements on the one connection that has begun."""

    def __init__(self, connection: sqlite3.Connection, observer: StatementObserver | None) -> None:
        self._connection = connection
        self._observer = observer

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        rows = run(self._connection, sql, parameters, self._observer)
        return rows[0] if rows else None

    def read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        return run(self._connection, sql, parameters, self._observer)

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one changing statement; it is committed with the transaction."""
        return run(self._connection, sql, parameters, self._observer)


def run(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[Any], observer: StatementObserver | None
) -> list[Row]:
    """Run one statement to its end: a statement left half-read keeps its transaction open."""
    if observer is not None:
        observer.saw_statement(sql)
    try:
        return connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise translated(error) from None


def translated(error: sqlite3.Error) -> Exception:
    """SQLite's error in the words of ``idp.outage``; a fault of ours comes back as it is.

    SQLite's own messages name tables and columns, never values.
    """
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, sqlite3.IntegrityError):
        return StoreConflict(f"SQLite: {name}")
    if isinstance(error, sqlite3.OperationalError) and name == "SQLITE_ERROR":
        return StoreUnavailable(f"SQLite: {error}")
    if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.ProgrammingError | sqlite3.NotSupportedError
    ):
        return StoreUnavailable(f"SQLite: {name}")
    return error


def _renew_lock_after_fork(reference: "weakref.ref[SqliteDatabase]") -> None:
    def renew() -> None:
        database = reference()
        if database is not None:
            database.renew_lock()

    os.register_at_fork(after_in_child=renew)
