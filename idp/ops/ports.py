"""What the doctor needs to know of the stores, matched structurally from above."""

from datetime import datetime
from typing import Protocol


class DatabaseFacts(Protocol):
    """The durable database as a thing that can be of the wrong version, of another installation, or down.

    Every method may raise StoreUnavailable.
    """

    def find_revision(self) -> str | None:
        """The schema's revision; None in an empty database."""
        ...

    def get_expected_revision(self) -> str:
        """The revision that this version of the program works with."""
        ...

    def find_installation(self) -> tuple[str, str] | None:
        """The environment and the issuer that the database was made for; None if it was never set up."""
        ...

    def read_clock(self) -> datetime:
        """The database's own time; for an embedded database, this machine's."""
        ...
