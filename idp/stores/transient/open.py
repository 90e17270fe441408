"""Opening transient state: its own SQLite file without fsync, or unlogged tables in PostgreSQL.

What was in flight when a machine went down is void rather than doubtful: PostgreSQL empties unlogged tables after a
crash and on a standby, and an SQLite file that was written before the last start of this machine is deleted, because
without fsync it may have gone back in time and a spent nonce may be in it again. The death of a process loses nothing.
Source: PostgreSQL 15, CREATE TABLE, "UNLOGGED"; sqlite.org/pragma.html#pragma_synchronous, "OFF".
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from idp.outage import StoreUnavailable
from idp.stores.sql.address import parse_database_address
from idp.stores.sql.database import StatementObserver
from idp.stores.sql.postgresql import PostgresqlDatabase
from idp.stores.sql.sqlite import SqliteDatabase
from idp.stores.transient.sql import SqlTransientStore
from idp.stores.transient.tables import create_transient_tables

_LINUX_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def open_transient(
    url: str,
    password: str | None = None,
    observer: StatementObserver | None = None,
    boot_id_file: Path = _LINUX_BOOT_ID,
) -> SqlTransientStore:
    """The transient store at a URL, with its tables made where they are missing.

    Takes:   url as in ``stores.transient``; ``boot_id_file`` holds what changes at every start of the machine (where
             there is no such file, as outside Linux, an SQLite file is always kept).
    Raises:  AddressRefused; StoreUnavailable.
    Effect:  one connection is used and closed, so that it is safe to fork afterwards.
    """
    address = parse_database_address(url)
    if address.sqlite_path is not None:
        database: SqliteDatabase | PostgresqlDatabase = SqliteDatabase(address.sqlite_path, "OFF", observer)
        _prepare_file(address.sqlite_path, boot_id_file)
    else:
        assert address.conninfo is not None
        database = PostgresqlDatabase(address.conninfo, password, synchronous=False, observer=observer)
        create_transient_tables(database)
    database.close()
    return SqlTransientStore(database)


def _prepare_file(path: Path, boot_id_file: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _sole_opener(path):
            epoch = _read_boot_id(boot_id_file)
            epoch_file = path.with_name(path.name + ".epoch")
            is_current = epoch_file.exists() and epoch_file.read_text(encoding="ascii") == epoch
            if not (is_current and _is_sound(path)):
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            tables_only = SqliteDatabase(path, "OFF")
            create_transient_tables(tables_only)
            tables_only.close()
            epoch_file.write_text(epoch, encoding="ascii")
    except OSError as error:
        raise StoreUnavailable(f"transient state cannot be kept at {path}: {error.strerror}") from error


@contextmanager
def _sole_opener(path: Path) -> Iterator[None]:
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read_boot_id(boot_id_file: Path) -> str:
    return boot_id_file.read_text(encoding="ascii").strip() if boot_id_file.is_file() else "unknown"


def _is_sound(path: Path) -> bool:
    if not path.exists():
        return False
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchall() == [("ok",)])
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
