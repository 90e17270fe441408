"""Rotation: which keys are made, when they take over, when their private half is destroyed (OIDC Core §10.1.1).

Owns: every change to the keys but the emergency (``emergency``). Several processes may do any of it at once.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from idp.audit import AuditEvent, AuditRecord
from idp.keys.jwe_algorithms import ALL_ALGORITHMS, use_of
from idp.keys.key_encryption import KeyEncryption
from idp.keys.key_phase import KeyPhase, judge_phase
from idp.keys.ports import SigningKeyStore, StoredSigningKey
from idp.keys.signing_key import load_signing_key, make_signing_key
from idp.settings.card_section import KeysSection

# Every process reads the key set again after so long.
REFRESH_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class RotationPace:
    """How long a key signs (None: until somebody rotates it), is announced before, and is published afterwards.

    ``refresh`` is how long a process may go on with the set that it has read.
    """

    period: timedelta | None
    announce: timedelta
    retire: timedelta
    refresh: timedelta = timedelta(seconds=REFRESH_SECONDS)

    @classmethod
    def of(cls, section: KeysSection) -> Self:
        """The operator's choice."""
        return cls(
            period=timedelta(seconds=section.rotation_seconds) if section.rotation_seconds else None,
            announce=timedelta(seconds=section.announce_seconds),
            retire=timedelta(seconds=section.retire_seconds),
        )


@dataclass(frozen=True, slots=True)
class RotationOutcome:
    """What one run of the schedule did: the keys it announced, the ``kid`` of those whose private half it destroyed."""

    announced: tuple[StoredSigningKey, ...]
    erased: tuple[str, ...]


class KeyRotation:
    """Makes keys and lets them follow one another; ``on_change`` is told, so that this process reads the set again."""

    def __init__(
        self,
        store: SigningKeyStore,
        encryption: KeyEncryption,
        pace: RotationPace,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._pace = pace
        self._on_change = on_change

    def ensure_keys(self, algorithms: Iterable[str], now: datetime) -> tuple[StoredSigningKey, ...]:
        """A first key for each algorithm that has none, signing at once because nobody relies on another.

        Returns: the keys that were made. Two processes that start together may make two; the later one retires the
                 earlier, and both verify.
        """
        present = {key.alg for key in self._store.find_signing_keys(now) if key.signs_until is None}
        return tuple(self._put(alg, now, now) for alg in algorithms if alg not in present)

    def rotate(self, alg: str, now: datetime, *, announce_seconds: int | None = None) -> StoredSigningKey:
        """A new key: published from now, signing after the announcement, when the present key retires.

        Takes:   announce_seconds, if it is to differ from the configured time; never less than every process needs to
                 know the key, for one that signs earlier makes tokens that some JWK Sets cannot verify.
        Effect:  the present key verifies for ``pace.retire`` after it last signed. Where there is none, the new key
                 signs at once.
        """
        if made := self.ensure_keys([alg], now):
            return made[0]
        announce = self._pace.announce if announce_seconds is None else timedelta(seconds=announce_seconds)
        return self._put(alg, now, now + max(announce, self._pace.refresh))

    def run_schedule(self, now: datetime, algorithms: Iterable[str] = ALL_ALGORITHMS) -> RotationOutcome:
        """Announce the successors whose time has come, and destroy what no longer signs.

        Effect: of many processes that find the same key due, one announces its successor.
        """
        stored = self._store.find_signing_keys(now)
        announced = tuple(key for alg in algorithms if (key := self._succeed(alg, stored, now)) is not None)
        erased = tuple(key.kid for key in stored if self._erase(key, now))
        if announced or erased:
            self._on_change()
        return RotationOutcome(announced, erased)

    def _succeed(self, alg: str, stored: Iterable[StoredSigningKey], now: datetime) -> StoredSigningKey | None:
        last = [key for key in stored if key.alg == alg and key.signs_until is None]
        if self._pace.period is None or not last:
            return None
        present = max(last, key=lambda key: (key.signs_from, key.created_at, key.kid))
        due_at = present.signs_from + self._pace.period
        if now + self._pace.announce < due_at:
            return None
        # Late, after an outage of the schedule: the announcement is kept whole, the present key signs for longer.
        new_key = make_signing_key(alg, self._encryption, now, max(due_at, now + self._pace.announce))
        ends = (new_key.signs_from, self._end_of_predecessor(new_key))
        return new_key if self._store.succeed_signing_key(present.kid, new_key, *ends, _record(alg, now)) else None

    def _erase(self, key: StoredSigningKey, now: datetime) -> bool:
        # A key that others encrypted to still decrypts when it has retired; it goes whole, with its row.
        if key.erased_at is not None or use_of(key.alg) == "enc" or judge_phase(key, now) is not KeyPhase.RETIRED:
            return False
        public_jwk = dict(load_signing_key(key, self._encryption).public_jwk)
        # Sealed like the private half before it: whoever writes to the database must not choose what we publish.
        sealed = self._encryption.encrypt_private_jwk(key.kid, key.alg, json.dumps(public_jwk).encode("ascii"))
        audit = AuditRecord(AuditEvent.SIGNING_KEY_ERASED, now, outcome=f"{key.alg} {key.kid}")
        return self._store.erase_private_key(key.kid, sealed, now, audit)

    def _end_of_predecessor(self, new_key: StoredSigningKey) -> datetime:
        # What is encrypted to a key is on its way for as long as somebody keeps an old JWK Set, not for a token's life.
        is_for_signing = use_of(new_key.alg) == "sig"
        return new_key.signs_from + (self._pace.retire if is_for_signing else self._pace.announce)

    def _put(self, alg: str, now: datetime, signs_from: datetime) -> StoredSigningKey:
        new_key = make_signing_key(alg, self._encryption, now, signs_from)
        self._store.rotate_signing_key(new_key, signs_from, self._end_of_predecessor(new_key), _record(alg, now))
        self._on_change()
        return new_key


def _record(alg: str, now: datetime) -> AuditRecord:
    return AuditRecord(AuditEvent.SIGNING_KEY_ROTATED, now, outcome=alg)
