"""The emergency: a key that somebody else may have verifies nothing any more, and another signs in its place at once.

What it ends and what it leaves is decided in docs/decisions/0012-key-management.md.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.keys.errors import NoSuchKey
from idp.keys.key_encryption import KeyEncryption
from idp.keys.key_phase import KeyPhase, judge_phase
from idp.keys.ports import SigningKeyStore, StoredSigningKey, Succession
from idp.keys.signing_key import make_signing_key


@dataclass(frozen=True, slots=True)
class Revocation:
    """The ``kid`` of what was revoked, and the ``kid`` that signs in its place; None where it did not sign."""

    alg: str
    revoked: tuple[str, ...]
    successor: str | None


class KeyEmergency:
    """Revokes keys; ``on_change`` is told, so that this process reads the set again."""

    def __init__(
        self, store: SigningKeyStore, encryption: KeyEncryption, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._on_change = on_change

    def revoke(self, kid: str, now: datetime) -> Revocation:
        """Withdraw one key at once. Its announced successor, which clients know already, takes over now.

        Raises: NoSuchKey: not published, or revoked before.
        Effect: the private half is destroyed; never is there a moment without a key that signs.
        """
        live = self._find_live(now)
        suspect = next((key for key in live if key.kid == kid), None)
        if suspect is None:
            raise NoSuchKey(kid)
        rest = [key for key in live if key.alg == suspect.alg and key.kid != kid]
        succession = self._plan(suspect.alg, rest, now)
        return self._withdraw(suspect.alg, [suspect], succession, _find_next_kid(suspect, rest, succession, now), now)

    def replace_all(self, alg: str, now: datetime) -> Revocation:
        """Withdraw every key of the algorithm, the announced and the retired too, for one that is new.

        Effect: clients that keep an old JWK Set refuse our tokens until they read it again. That is the smaller evil.
        """
        suspects = [key for key in self._find_live(now) if key.alg == alg]
        succession = self._plan(alg, [], now)
        successor = None if succession.new_key is None else succession.new_key.kid
        return self._withdraw(alg, suspects, succession, successor, now)

    def _find_live(self, now: datetime) -> list[StoredSigningKey]:
        gone = (KeyPhase.REVOKED, KeyPhase.WITHDRAWN)
        return [key for key in self._store.find_signing_keys(now) if judge_phase(key, now) not in gone]

    def _plan(self, alg: str, rest: Sequence[StoredSigningKey], now: datetime) -> Succession:
        announced = [key for key in rest if judge_phase(key, now) is KeyPhase.ANNOUNCED]
        activated = None
        if not any(judge_phase(key, now) is KeyPhase.SIGNING for key in rest) and announced:
            activated = min(announced, key=lambda key: (key.signs_from, key.created_at, key.kid)).kid
        unending = any(key.signs_until is None for key in rest)
        if unending:
            return Succession(activated, None)
        # Where the last key was taken out of a row of announced ones, the new one begins where the row now ends.
        begins_at = max((key.signs_until for key in rest if key.signs_until is not None), default=now)
        return Succession(activated, make_signing_key(alg, self._encryption, now, max(begins_at, now)))

    def _withdraw(
        self,
        alg: str,
        suspects: Collection[StoredSigningKey],
        succession: Succession,
        successor: str | None,
        now: datetime,
    ) -> Revocation:
        audits = [AuditRecord(AuditEvent.SIGNING_KEY_REVOKED, now, outcome=f"{key.alg} {key.kid}") for key in suspects]
        kids = tuple(key.kid for key in suspects)
        self._store.revoke_signing_keys(kids, succession, now, audits)
        self._on_change()
        return Revocation(alg, kids, successor)


def _find_next_kid(
    suspect: StoredSigningKey, rest: Sequence[StoredSigningKey], succession: Succession, now: datetime
) -> str | None:
    """Which key signs where the suspect did; None where it did not sign now."""
    if judge_phase(suspect, now) is not KeyPhase.SIGNING:
        return None
    if succession.activated_kid is not None:
        return succession.activated_kid
    if succession.new_key is not None and succession.new_key.signs_from <= now:
        return succession.new_key.kid
    signing = [key for key in rest if judge_phase(key, now) is KeyPhase.SIGNING]
    return max(signing, key=lambda key: (key.signs_from, key.created_at, key.kid)).kid
