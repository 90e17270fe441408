"""Are the provider's own keys there, readable, and the ones they were?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from idp.identity.errors import LookupKeyMismatch
from idp.identity.lookup_keys import LookupKeys, check_lookup_keys
from idp.identity.ports import LookupKeyCanaries
from idp.keys.errors import SigningKeyUnreadable
from idp.keys.jwe_algorithms import ALL_ALGORITHMS, use_of
from idp.keys.key_phase import KeyPhase, judge_phase
from idp.keys.ports import StoredSigningKey
from idp.keys.rotation import RotationPace
from idp.keys.signer import KeyRing
from idp.ops.health_answer import HealthAnswer, HealthState

# OIDC Core §10.1.1 leaves the pace to the provider; where it is the operator's, a year is what auditors ask for.
_ROTATE_AFTER: Final = timedelta(days=365)
# The schedule runs every quarter of an hour; half the announcement is time enough to repair it.
_LATE: Final = 0.5


def ask_signing_keys(key_ring: KeyRing, pace: RotationPace, now: datetime) -> Iterator[HealthAnswer]:
    """Whether each algorithm has a key that signs, when the next one takes over, and whether the schedule runs."""
    oldest = _ROTATE_AFTER if pace.period is None else pace.period - pace.announce * _LATE
    cure = "run idp key rotate" if pace.period is None else "the job key-rotation has not run"
    try:
        keys = key_ring.list_keys()
    except SigningKeyUnreadable as unreadable:
        yield HealthAnswer(HealthState.FAIL, "keys.signing", str(unreadable))
        return
    for alg in ALL_ALGORITHMS:
        purpose = "signing" if use_of(alg) == "sig" else "encryption"
        own = [key for key in keys if key.alg == alg]
        answer = _judge(own, f"keys.{purpose}.{alg.lower()}", now)
        if answer.state is HealthState.OK and _is_overdue(own, oldest, now):
            answer = HealthAnswer(HealthState.WARN, answer.key, f"{answer.text}: {cure}")
        yield answer


def _judge(keys: Sequence[StoredSigningKey], answer_key: str, now: datetime) -> HealthAnswer:
    signing = [key for key in keys if judge_phase(key, now) is KeyPhase.SIGNING]
    announced = [key for key in keys if judge_phase(key, now) is KeyPhase.ANNOUNCED]
    if not signing:
        return HealthAnswer(HealthState.FAIL, answer_key, "no key signs: run idp key rotate")
    current = max(signing, key=lambda key: key.signs_from)
    if announced:
        following = min(announced, key=lambda key: key.signs_from)
        text = f"{current.kid} signs until {following.signs_from:%Y-%m-%d %H:%M} UTC, then {following.kid}"
        return HealthAnswer(HealthState.OK, answer_key, text)
    return HealthAnswer(HealthState.OK, answer_key, f"{current.kid} signs since {current.signs_from:%Y-%m-%d}")


def _is_overdue(keys: Sequence[StoredSigningKey], oldest: timedelta, now: datetime) -> bool:
    last = [key for key in keys if key.signs_until is None]
    return all(now - key.signs_from > oldest for key in last)


def ask_lookup_keys(lookup_keys: LookupKeys, canaries: LookupKeyCanaries) -> Iterator[HealthAnswer]:
    """Whether everybody who was here before is found again with the configured look-up keys."""
    try:
        new = check_lookup_keys(lookup_keys, canaries)
    except LookupKeyMismatch as mismatch:
        yield HealthAnswer(HealthState.FAIL, "identity.lookup_keys", str(mismatch))
        return
    ids = ", ".join(key.key_id for key in lookup_keys.keys)
    text = f"{ids} (newest first)" + (f"; not used yet: {', '.join(key.key_id for key in new)}" if new else "")
    yield HealthAnswer(HealthState.OK, "identity.lookup_keys", text)
