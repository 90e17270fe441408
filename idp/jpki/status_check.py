"""The record of one question asked of one source of status, good or bad, that an auditor finds by its id."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

CheckOutcome = Literal["good", "revoked", "on_hold", "unknown", "status_unavailable", "status_stale"]


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """What a source said, and when; the certificate is not in it.

    ``check_id`` is that of the ``Check`` in the evidence where the source's word decided. ``this_update`` is None where
    the source did not answer.
    """

    check_id: str
    source: str
    outcome: CheckOutcome
    this_update: datetime | None
    checked_at: datetime


RecordStatusCheck = Callable[[StatusCheck], None]
