"""As of when a credential that was not shown again is known not to be revoked, from whichever look was taken at it."""

from datetime import datetime
from typing import NamedTuple, Protocol

from idp.jpki.status_coverage import StatusCoverage
from idp.ops.swept_status import SweptStatus


class RecheckedStatus(NamedTuple):
    """``is_asked_about``: no list tells of this credential, its status is asked for; ``status_time``: as of when.

    ``listed_by`` says which lists told of it when it was last shown, in the words of ``StatusCoverage.name_lists``.
    """

    is_asked_about: bool
    status_time: datetime | None
    listed_by: str | None = None


class RecheckedStatuses(Protocol):
    """What asking again has noted of credentials."""

    def find_rechecked_status(self, credential_id: str) -> RecheckedStatus:
        """What is noted, in one statement; of a credential that is not there, nothing."""
        ...


class KnownStatus:
    """``StatusTimes`` of an installation: of each credential what was asked about it, else what the lists say of all.

    A credential of which no list tells was held against none, so that it rests on its own answers alone; where none are
    sought, on what was known when its card was shown.
    """

    def __init__(self, swept: SweptStatus | None, rechecked: RecheckedStatuses, coverage: StatusCoverage) -> None:
        self._swept = swept
        self._rechecked = rechecked
        self._coverage = coverage

    def find_status_time(self, credential_id: str, now: datetime) -> datetime | None:
        """As of when the credential was not revoked; None where nobody looked since it was shown."""
        own = self._rechecked.find_rechecked_status(credential_id)
        if own.is_asked_about:
            return own.status_time
        if self._swept is None or not self._coverage.is_current(own.listed_by):
            return None
        return self._swept.find_status_time(now)
