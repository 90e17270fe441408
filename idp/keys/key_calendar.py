"""The calendar of keys: when each was published, signs, and goes, so that clients need not find out by failing.

What the dates promise is written for clients in docs/key-calendar.md.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from idp.keys.jwe_algorithms import use_of
from idp.keys.key_phase import KeyPhase, judge_phase
from idp.keys.ports import StoredSigningKey
from idp.keys.rotation import RotationPace

CALENDAR_PATH: Final = "/keys/calendar.json"
# RFC 9111 §5.2.2.1, max-age: how long a client may keep the JWK Set. A new key is announced for longer.
JWKS_CACHE_SECONDS: Final = 600


def write_calendar(keys: Iterable[StoredSigningKey], pace: RotationPace, issuer: str, now: datetime) -> dict[str, Any]:
    """The published keys with their dates, the revoked ones, and the pace; nothing of it is secret.

    Returns: JSON members; times as RFC 3339 in UTC, null where nobody has decided yet. ``successor_signs_from`` of a
             key without an end is what the schedule intends, and is earlier only in an emergency.
    """
    known = list(keys)
    revoked = [key for key in known if key.revoked_at is not None]
    published = [key for key in known if judge_phase(key, now) not in (KeyPhase.WITHDRAWN, KeyPhase.REVOKED)]
    return {
        "issuer": issuer,
        "jwks_cache_seconds": JWKS_CACHE_SECONDS,
        "announce_seconds": round(pace.announce.total_seconds()),
        "rotation_seconds": round(pace.period.total_seconds()) if pace.period is not None else None,
        "retire_seconds": round(pace.retire.total_seconds()),
        "keys": [_describe(key, pace) for key in reversed(published)],
        "revoked": [
            {"kid": key.kid, "alg": key.alg, "revoked_at": write_time(key.revoked_at)} for key in reversed(revoked)
        ],
    }


def write_time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, whole seconds."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _describe(key: StoredSigningKey, pace: RotationPace) -> dict[str, Any]:
    if use_of(key.alg) == "enc":
        return {
            "kid": key.kid,
            "alg": key.alg,
            "use": "enc",
            "published_from": write_time(key.signs_from),
            "published_until": write_time(key.signs_until),
            "decrypts_until": write_time(key.published_until),
        }
    is_scheduled = key.signs_until is None and pace.period is not None
    return {
        "kid": key.kid,
        "alg": key.alg,
        "use": "sig",
        "published_from": write_time(key.created_at),
        "signs_from": write_time(key.signs_from),
        "signs_until": write_time(key.signs_until),
        "published_until": write_time(key.published_until),
        "successor_signs_from": write_time(key.signs_from + pace.period) if is_scheduled and pace.period else None,
    }
