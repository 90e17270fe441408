"""As of when a certificate is known not to be revoked, between two looks at the certificate itself."""

from datetime import datetime, timedelta
from typing import Protocol

from idp.oidc.grant import Grant


class StatusTimes(Protocol):
    """What was learnt of credentials after their cards were shown."""

    def find_status_time(self, credential_id: str, now: datetime) -> datetime | None:
        """As of when the credential, which still lives, was not revoked; None where that is not known."""
        ...


def newest_status(
    status_time: datetime | None, credential_id: str, statuses: StatusTimes, maximum_age: timedelta, now: datetime
) -> datetime | None:
    """The newer of what was known when the card was shown and what was learnt since; asked only where that is too old.

    Returns: None where the card was shown without any status: a list is no proof for what it was never held against.
    """
    if status_time is None or now - status_time <= maximum_age:
        return status_time
    newer = statuses.find_status_time(credential_id, now)
    return status_time if newer is None else max(status_time, newer)


def newest_status_of_grant(
    grant: Grant, statuses: StatusTimes | None, maximum_age_seconds: int | None, now: datetime
) -> datetime | None:
    """As of when the certificate of a grant is known not to be revoked: a refresh may come long after it was shown."""
    if statuses is None or maximum_age_seconds is None:
        return grant.status_time
    return newest_status(grant.status_time, grant.credential_id, statuses, timedelta(seconds=maximum_age_seconds), now)
