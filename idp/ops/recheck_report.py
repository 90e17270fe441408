"""What the last run of asking again came to, for the doctor of any worker; lost with the transient store."""

import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.ops.ports import SweepNotes
from idp.ops.revocation_recheck import RecheckOutcome

_KIND: Final = "recheck"
_KEY: Final = "last-run"
_REMEMBERED: Final = timedelta(days=7)


class RecheckReport:
    """The note, shared by all workers."""

    def __init__(self, notes: SweepNotes) -> None:
        self._notes = notes

    def record(self, outcome: RecheckOutcome, now: datetime) -> None:
        """Note what a run found."""
        value = json.dumps([to_epoch_seconds(now), asdict(outcome)]).encode("ascii")
        noted = self._notes.find(_KIND, _KEY, now)
        if noted is None:
            self._notes.insert(_KIND, _KEY, value, now + _REMEMBERED, now)
        else:
            # Where another worker was faster, its run is as new.
            self._notes.replace(_KIND, _KEY, noted.version, value, now + _REMEMBERED, now)

    def find_last(self, now: datetime) -> tuple[datetime, RecheckOutcome] | None:
        """When a run ended last, and what it found; None where none is remembered."""
        noted = self._notes.find(_KIND, _KEY, now)
        if noted is None:
            return None
        seconds, counts = json.loads(noted.value)
        # Another version's worker may have counted something else.
        known = {field.name: counts.get(field.name, 0) for field in fields(RecheckOutcome)}
        return from_epoch_seconds(seconds), RecheckOutcome(**known)
