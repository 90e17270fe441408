"""Where a database is: the setting's URL, taken apart for the drivers and for SQLAlchemy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = "postgresql://"


class AddressRefused(Exception):
    """The URL names neither an SQLite file nor a PostgreSQL database."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """An SQLite file (``sqlite_path``) or a PostgreSQL database (``conninfo``, libpq's URI)."""

    sqlite_path: Path | None
    conninfo: str | None

    def sqlalchemy_url(self, password: str | None) -> URL:
        """The same place in SQLAlchemy's words; SQLite paths absolute, since extensions move relative ones."""
        if self.sqlite_path is not None:
            return URL.create("sqlite", database=str(self.sqlite_path))
        assert self.conninfo is not None
        url = make_url(self.conninfo).set(drivername="postgresql+psycopg")
        return url if password is None else url.set(password=password)


def parse_database_address(url: str) -> DatabaseAddress:
    """The place that ``stores.database`` or ``stores.transient`` names.

    Takes:  ``sqlite:///relative``, ``sqlite:////absolute`` or ``postgresql://user@host/name?sslmode=…``.
    Raises: AddressRefused: anything else.
    """
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return DatabaseAddress(sqlite_path=Path(url.removeprefix(_SQLITE)).absolute(), conninfo=None)
    if url.startswith(_POSTGRESQL) and len(url) > len(_POSTGRESQL):
        return DatabaseAddress(sqlite_path=None, conninfo=url)
    raise AddressRefused('"sqlite:///path" or "postgresql://user@host/name" is expected')
