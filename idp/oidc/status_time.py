"""As of when a certificate is known not to be revoked, between two looks at the certificate itself."""

from datetime import datetime, timedelta
from typing import Protocol


class StatusTimes(Protocol):
    """What is known of all credentials that still live, without asking about one of them."""

    def find_status_time(self, now: datetime) -> datetime | None:
        """As of when no live credential was revoked; None where that is not known."""
        ...


def newest_status(
    status_time: datetime | None, statuses: StatusTimes, maximum_age: timedelta, now: datetime
) -> datetime | None:
    """The newer of what was known when the card was shown and what is known of all; asked only where that is too old.

    Returns: None where the card was shown without any status: a list is no proof for what it was never held against.
    """
    if status_time is None or now - status_time <= maximum_age:
        return status_time
    newer = statuses.find_status_time(now)
    return status_time if newer is None else max(status_time, newer)
