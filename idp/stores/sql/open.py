"""Opening the durable database; nothing is connected before the first statement."""

from idp.stores.sql.address import parse_database_address
from idp.stores.sql.database import Database, StatementObserver
from idp.stores.sql.postgresql import PostgresqlDatabase
from idp.stores.sql.sqlite import SqliteDatabase


def open_database(url: str, password: str | None = None, observer: StatementObserver | None = None) -> Database:
    """The durable database at a URL; an SQLite file must exist (``migrate`` makes it).

    Takes:  url as in ``stores.database``; password for PostgreSQL, never part of the URL.
    Raises: AddressRefused: the URL is neither SQLite's nor PostgreSQL's.
    """
    address = parse_database_address(url)
    if address.sqlite_path is not None:
        return SqliteDatabase(address.sqlite_path, "FULL", observer)
    assert address.conninfo is not None
    return PostgresqlDatabase(address.conninfo, password, synchronous=True, observer=observer)
