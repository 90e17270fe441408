"""What the doctor asks of the durable database: its version, whose it is, its clock."""

from datetime import UTC, datetime
from pathlib import Path

from idp.clock import Clock, system_clock
from idp.stores.sql.database import Database
from idp.stores.sql.installation import Installation
from idp.stores.sql.migration import current_revision, expected_revision, has_table


class SqlDatabaseFacts:
    """Satisfies ``ops.ports.DatabaseFacts``; everything is read anew, and nothing here needs a migrated database."""

    def __init__(self, database: Database, migrations_directory: Path, clock: Clock = system_clock) -> None:
        self._database = database
        self._migrations_directory = migrations_directory
        self._clock = clock

    def find_revision(self) -> str | None:
        """The schema's revision; None in an empty database."""
        return current_revision(self._database)

    def get_expected_revision(self) -> str:
        """The revision that this version of the program works with."""
        return expected_revision(self._migrations_directory)

    def find_installation(self) -> tuple[str, str] | None:
        """The environment and the issuer that the database was made for; None if it was never set up."""
        return Installation(self._database).find_installation() if has_table(self._database, "installation") else None

    def read_clock(self) -> datetime:
        """The database's own time; SQLite has this machine's."""
        if self._database.dialect == "sqlite":
            return self._clock()
        row = self._database.read_one("SELECT EXTRACT(EPOCH FROM clock_timestamp())::DOUBLE PRECISION")
        assert row is not None
        return datetime.fromtimestamp(row[0], UTC)
