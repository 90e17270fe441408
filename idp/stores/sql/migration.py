"""Bringing a durable database to the schema of this version: forward only, one at a time, all or nothing.

Source: sqlite.org/lang_transaction.html, "BEGIN IMMEDIATE"; PostgreSQL 15 §9.27.10 (advisory locks).
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from idp.outage import StoreUnavailable
from idp.stores.sql.address import DatabaseAddress, parse_database_address
from idp.stores.sql.database import Database

LOCK_SECONDS: Final = 120
_IN_THIS_PROCESS: Final = threading.Lock()
_ADVISORY_LOCK: Final = 0x4D594E4D  # arbitrary, the same for ever
_TABLE_LOCK_MILLISECONDS: Final = 10_000
_STATEMENT_MILLISECONDS: Final = 600_000
_TABLE_EXISTS: Final = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = ?",
    "postgresql": "SELECT 1 WHERE to_regclass(?) IS NOT NULL",
}


def migrate(database_url: str, migrations_directory: Path, password: str | None = None, to: str = "head") -> str:
    """Bring the database to this version's schema; of many callers one does it and the others wait.

    Takes:   a URL as in ``stores.database``; the folder of the migrations (in the wheel or in the checkout).
    Returns: the revision the database has now.
    Raises:  StoreUnavailable: no connection, or the lock was not had within two minutes.
    Effect:  makes an SQLite file (0600) and its folder where there is none; everything is one transaction.
    """
    address = parse_database_address(database_url)
    engine = _open_engine(address, password)
    try:
        with _sole_migration(address), engine.begin() as connection:
            if address.sqlite_path is None:
                _lock_postgresql(connection)
            configuration = _configure(migrations_directory)
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, to)
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    except OSError as error:
        raise StoreUnavailable(f"migration: {address.sqlite_path}: {error.strerror}") from None
    except OperationalError as error:
        raise StoreUnavailable(f"migration: {type(error.orig).__name__}") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(f"migration: {type(error.orig).__name__}") from None
        raise
    finally:
        engine.dispose()
    return str(revision)


def expected_revision(migrations_directory: Path) -> str:
    """The revision that this version of the program is written for."""
    head = ScriptDirectory.from_config(_configure(migrations_directory)).get_current_head()
    assert head is not None
    return head


def current_revision(database: Database) -> str | None:
    """The revision the database has; None if it was never migrated."""
    if not has_table(database, "alembic_version"):
        return None
    row = database.read_one("SELECT version_num FROM alembic_version")
    return None if row is None else str(row[0])


def has_table(database: Database, name: str) -> bool:
    """Whether a table is there, in a database that may never have been migrated."""
    return database.read_one(_TABLE_EXISTS[database.dialect], (name,)) is not None


def _configure(migrations_directory: Path) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_directory).replace("%", "%%"))
    return configuration


@contextmanager
def _sole_migration(address: DatabaseAddress) -> Iterator[None]:
    """Alembic's context is one a process; and an SQLite file cannot be switched to WAL by two at once."""
    with _IN_THIS_PROCESS:
        if address.sqlite_path is None:
            yield
            return
        path = address.sqlite_path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                # Never open what is there already: closing it would end SQLite's own locks in this process.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            yield
        finally:
            os.close(lock)


def _open_engine(address: DatabaseAddress, password: str | None) -> Engine:
    url = address.sqlalchemy_url(password)
    if address.sqlite_path is None:
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: Any, _: Any) -> None:
        # sqlite3 would otherwise commit before every CREATE TABLE, and a migration could end half-way.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin_with_the_lock(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _lock_postgresql(connection: Connection) -> None:
    with _setting(connection, "lock_timeout", LOCK_SECONDS * 1000):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = {_TABLE_LOCK_MILLISECONDS}"))
    connection.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT_MILLISECONDS}"))


@contextmanager
def _setting(connection: Connection, name: str, milliseconds: int) -> Iterator[None]:
    connection.execute(text(f"SET LOCAL {name} = {milliseconds}"))
    yield
    connection.execute(text(f"SET LOCAL {name} = DEFAULT"))
