"""What a database was made for: environment and issuer, recorded once and never changed."""

from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.stores.sql.database import Statements

_FIND: Final = "SELECT environment, issuer FROM installation WHERE installation_id = 1"
_INSERT: Final = """
INSERT INTO installation (installation_id, environment, issuer, created_at) VALUES (1, ?, ?, ?)
ON CONFLICT (installation_id) DO NOTHING
"""


class InstallationMismatch(Exception):
    """This database belongs to another environment or issuer, or to none yet; the message says which."""


class Installation:
    """The one row that says whose database this is."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def record_installation(self, environment: str, issuer: str, now: datetime) -> None:
        """Record environment and issuer in a new database; an old one must have been made for the same.

        Raises: InstallationMismatch: it was made for another.
        """
        self._statements.write(_INSERT, (environment, issuer, to_epoch_seconds(now)))
        self.check_installation(environment, issuer)

    def find_installation(self) -> tuple[str, str] | None:
        """Environment and issuer that the database was made for; None if it was never set up."""
        row = self._statements.read_one(_FIND)
        return None if row is None else (str(row[0]), str(row[1]))

    def check_installation(self, environment: str, issuer: str) -> None:
        """Refuse a database that was made for another environment or issuer: its subjects and keys are not ours.

        Raises: InstallationMismatch: recorded are other values, or none.
        """
        row = self.find_installation()
        if row is None:
            raise InstallationMismatch("the database was never set up: run idp db migrate")
        if row != (environment, issuer):
            raise InstallationMismatch(
                f"the database was made for {row[0]} at {row[1]}, the settings say {environment} at {issuer}"
            )
