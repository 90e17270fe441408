"""What the last run of asking again came to, for the doctor of any worker; lost with the transient store."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.ops.ports import SweepNotes
from idp.ops.revocation_recheck import RecheckOutcome

_KIND: Final = "recheck"
_KEY: Final = "last-run"
_REMEMBERED: Final = timedelta(days=7)
_LEAVING: Final = "runs_that_left"


@dataclass(frozen=True, slots=True)
class RecheckRun:
    """A run's end and what it found; so many runs in a row, this one among them, did not come to everybody due."""

    ended_at: datetime
    outcome: RecheckOutcome
    runs_that_left: int


class RecheckReport:
    """The note, shared by all workers."""

    def __init__(self, notes: SweepNotes) -> None:
        self._notes = notes

    def record(self, outcome: RecheckOutcome, now: datetime) -> None:
        """Note what a run found."""
        noted = self._notes.find(_KIND, _KEY, now)
        before = 0 if noted is None else json.loads(noted.value)[1].get(_LEAVING, 0)
        counts = asdict(outcome) | {_LEAVING: before + 1 if outcome.left_count else 0}
        value = json.dumps([to_epoch_seconds(now), counts]).encode("ascii")
        if noted is None:
            self._notes.insert(_KIND, _KEY, value, now + _REMEMBERED, now)
        else:
            # Where another worker was faster, its run is as new.
            self._notes.replace(_KIND, _KEY, noted.version, value, now + _REMEMBERED, now)

    def find_last(self, now: datetime) -> RecheckRun | None:
        """The last run; None where none is remembered."""
        noted = self._notes.find(_KIND, _KEY, now)
        if noted is None:
            return None
        seconds, counts = json.loads(noted.value)
        # Another version's worker may have counted something else.
        known = {field.name: counts.get(field.name, 0) for field in fields(RecheckOutcome)}
        return RecheckRun(from_epoch_seconds(seconds), RecheckOutcome(**known), counts.get(_LEAVING, 0))
