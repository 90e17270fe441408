"""The doctor: asks everything that can keep people from signing in, before they notice."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from idp.identity.lookup_keys import LookupKeys
from idp.identity.ports import LookupKeyCanaries
from idp.jpki.trust_anchors import TrustAnchors
from idp.keys.rotation import RotationPace
from idp.keys.signer import KeyRing
from idp.ops.health_answer import HealthAnswer, HealthState
from idp.ops.health_card import ask_anchors, ask_revocation_lists
from idp.ops.health_database import ask_clock, ask_installation, ask_schema
from idp.ops.health_keys import ask_lookup_keys, ask_signing_keys
from idp.ops.health_logout import ask_dead_logouts
from idp.ops.health_machine import FreeBytes, ask_disk, read_free_bytes
from idp.ops.health_recheck import RecheckFacts, ask_recheck
from idp.ops.logout_ports import DeadLogoutCounter
from idp.ops.ports import DatabaseFacts
from idp.outage import StoreUnavailable
from idp.settings.settings import Settings

_Question = tuple[str, Callable[[], Iterable[HealthAnswer]]]


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation, as the doctor sees it."""

    settings: Settings
    database: DatabaseFacts
    key_ring: KeyRing
    lookup_keys: LookupKeys
    canaries: LookupKeyCanaries
    trust: TrustAnchors
    logouts: DeadLogoutCounter
    free_bytes: FreeBytes = read_free_bytes
    rechecks: RecheckFacts | None = None


def examine(patient: Patient, now: datetime) -> tuple[HealthAnswer, ...]:
    """Every answer; a question that cannot be put because the database is down is answered by a failure."""
    settings = patient.settings
    return (
        _answer_settings(settings),
        *examine_readiness(patient, now),
        *_ask(
            ("clock.skew", lambda: ask_clock(patient.database, now)),
            ("identity.lookup_keys", lambda: ask_lookup_keys(patient.lookup_keys, patient.canaries)),
            ("trust", lambda: ask_anchors(patient.trust, now)),
            ("revocation", lambda: ask_revocation_lists(patient.trust, settings.jpki, now)),
            ("revocation.recheck", lambda: () if patient.rechecks is None else ask_recheck(patient.rechecks, now)),
            ("logout.dead", lambda: ask_dead_logouts(patient.logouts)),
            ("disk", lambda: ask_disk(settings, patient.free_bytes)),
        ),
    )


def examine_readiness(patient: Patient, now: datetime) -> tuple[HealthAnswer, ...]:
    """The few answers on which it hangs whether this process can take requests; cheap enough for every probe.

    A stale revocation list is not among them: it is the same on all nodes, and people get a page that says what is
    wrong instead of a load balancer's error. Neither are logouts that were given up: nobody's sign-in fails by them.
    """
    pace = RotationPace.of(patient.settings.keys)
    return _ask(
        ("database.schema", lambda: ask_schema(patient.database)),
        ("database.installation", lambda: ask_installation(patient.database, patient.settings)),
        ("keys.signing", lambda: ask_signing_keys(patient.key_ring, pace, now)),
    )


def _ask(*questions: _Question) -> tuple[HealthAnswer, ...]:
    return tuple(answer for key, question in questions for answer in _hear(key, question))


def _hear(key: str, question: Callable[[], Iterable[HealthAnswer]]) -> Iterator[HealthAnswer]:
    try:
        yield from question()
    except StoreUnavailable as unavailable:
        yield HealthAnswer(HealthState.FAIL, key, f"could not be asked: {unavailable}")


def _answer_settings(settings: Settings) -> HealthAnswer:
    text = f"{settings.environment} at {settings.issuer}"
    if settings.is_sandbox:
        return HealthAnswer(HealthState.OK, "settings", f"{text}; test cards only, nobody here is a real person")
    return HealthAnswer(HealthState.OK, "settings", text)
