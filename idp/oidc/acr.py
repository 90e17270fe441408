"""Authentication context classes: the levels this provider reaches, and which asked-for value each satisfies.

Implements OIDC Core §2 (``acr``) and §3.1.2.1 (``acr_values``, a voluntary request).
"""

from datetime import datetime, timedelta
from typing import Final

AAL3: Final = "aal3"
# The government's provider lets a client choose the status source with these; here the operator has chosen it.
IGNORED_VALUES: Final = frozenset({"crl", "ocsp"})
_UNCHECKED: Final = "-unchecked"
_USER_AUTHENTICATION: Final = "/acr/user-authentication"


def supported_acr_values(issuer: str) -> tuple[str, ...]:
    """The values a client may ask for with effect, strongest first."""
    level = issuer + _USER_AUTHENTICATION
    return (level, AAL3, level + _UNCHECKED)


def is_status_checked(acr: str) -> bool:
    """Whether a level says that the certificate's status was known."""
    return not acr.endswith(_UNCHECKED)


def without_status(acr: str, issuer: str) -> str:
    """The same level, no longer saying that the certificate's status is known."""
    return issuer + _USER_AUTHENTICATION + _UNCHECKED if is_status_checked(acr) else acr


def acr_of_now(
    acr: str, status_time: datetime | None, issuer: str, now: datetime, status_max_age_seconds: int | None
) -> str:
    """What a level that was reached may be called now.

    Takes:   status_time, as of when the certificate was known not to be revoked; status_max_age_seconds, how old that
             may be for a level to imply it, None where any may.
    Returns: the level, without a known status where that is too old: a refresh may come weeks after the card was shown,
             and nobody looked at the certificate since.
    """
    if status_max_age_seconds is None:
        return acr
    is_fresh = status_time is not None and status_time >= now - timedelta(seconds=status_max_age_seconds)
    return acr if is_fresh else without_status(acr, issuer)


def satisfies(reached: str, asked: str, issuer: str) -> bool:
    """Whether a level that was reached is at least the value asked for; a value we do not know never is.

    A level without a known status never satisfies the one with it.
    """
    level = issuer + _USER_AUTHENTICATION
    if asked == level + _UNCHECKED:
        return reached in (level, level + _UNCHECKED)
    return asked in (level, AAL3) and reached == level


def find_asked_levels(acr_values: tuple[str, ...], issuer: str) -> tuple[str, ...]:
    """The values of a request that mean something here, in the client's order of preference."""
    supported = supported_acr_values(issuer)
    return tuple(value for value in acr_values if value in supported)


def choose_acr(reached: str, acr_values: tuple[str, ...], issuer: str) -> str:
    """The ``acr`` to put into the ID token.

    Returns: the first value asked for that is satisfied, so that the client finds its own word (``aal3``); otherwise
             the level that was reached.
    Source:  OIDC Core §3.1.2.1, acr_values; §2, acr.
    """
    return next((asked for asked in acr_values if satisfies(reached, asked, issuer)), reached)
