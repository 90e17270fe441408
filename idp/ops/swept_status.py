"""As of when no stored credential that still lives was on a list: what a finished sweep says about all of them.

A certificate is looked at when its card is shown. Between two sign-ins nobody holds its serial number, but the lists
are held against all stored credentials; who is left was not revoked when the oldest of the lists was made.
"""

from datetime import datetime, timedelta
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.ops.ports import SweepNotes

_KIND: Final = "swept-status"
_KEY: Final = "as-of"
_REMEMBERED: Final = timedelta(days=1)


class SweptStatus:
    """The moment, shared by all workers; lost with the transient store until the next sweep."""

    def __init__(self, notes: SweepNotes) -> None:
        self._notes = notes

    def record(self, as_of: datetime, now: datetime) -> None:
        """Note what a sweep of all lists found."""
        value = str(to_epoch_seconds(as_of)).encode("ascii")
        noted = self._notes.find(_KIND, _KEY, now)
        if noted is None:
            self._notes.insert(_KIND, _KEY, value, now + _REMEMBERED, now)
        else:
            # Where another worker was faster, its list is as new.
            self._notes.replace(_KIND, _KEY, noted.version, value, now + _REMEMBERED, now)

    def find_status_time(self, now: datetime) -> datetime | None:
        """As of when no live credential was revoked; None where that is not known."""
        noted = self._notes.find(_KIND, _KEY, now)
        return None if noted is None else from_epoch_seconds(int(noted.value))
