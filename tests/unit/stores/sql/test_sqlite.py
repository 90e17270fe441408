"""SQLite's errors in our words."""

import sqlite3
from pathlib import Path

import pytest

from idp.outage import StoreConflict, StoreUnavailable
from idp.stores.sql.database import StatementCounter
from idp.stores.sql.sqlite import SqliteDatabase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    connection = sqlite3.connect(tmp_path / "file.sqlite3")
    connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
    connection.close()
    return tmp_path / "file.sqlite3"


def test_a_second_row_of_a_key_is_a_conflict_that_quotes_no_value(path: Path) -> None:
    database = SqliteDatabase(path)
    database.write("INSERT INTO things VALUES (?)", ("secret",))
    with pytest.raises(StoreConflict, match="SQLITE_CONSTRAINT_PRIMARYKEY") as caught:
        database.write("INSERT INTO things VALUES (?)", ("secret",))
    assert "secret" not in str(caught.value)
    database.close()


def test_a_table_that_is_missing_is_an_outage_that_names_it(path: Path) -> None:
    database = SqliteDatabase(path)
    with pytest.raises(StoreUnavailable, match="no such table: others"):
        database.read_one("SELECT * FROM others")
    database.close()


def test_a_fault_in_the_program_stays_what_it_is(path: Path) -> None:
    database = SqliteDatabase(path)
    with pytest.raises(sqlite3.ProgrammingError):
        database.read_one("SELECT ?", ())
    database.close()


def test_a_durable_file_is_written_through_and_a_transient_one_is_not(path: Path) -> None:
    durable, transient = SqliteDatabase(path, "FULL"), SqliteDatabase(path, "OFF")
    assert durable.read_one("PRAGMA synchronous") == (2,)
    assert transient.read_one("PRAGMA synchronous") == (0,)
    assert durable.read_one("PRAGMA journal_mode") == ("wal",)
    assert durable.read_one("PRAGMA foreign_keys") == (1,)
    durable.close()
    transient.close()


def test_statements_and_write_transactions_are_counted(path: Path) -> None:
    counter = StatementCounter()
    database = SqliteDatabase(path, observer=counter)
    database.read_one("SELECT 1")
    database.write("INSERT INTO things VALUES ('a')")
    with database.transaction() as transaction:
        transaction.write("INSERT INTO things VALUES ('b')")
        transaction.read_all("SELECT name FROM things")
    assert (len(counter.statements), counter.write_transactions) == (4, 2)
    database.close()
