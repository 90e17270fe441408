"""The key set of a moment: which key signs, which keys verify, and the JWK Set that says so."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from idp.keys.errors import NoSigningKey
from idp.keys.jwe_algorithms import use_of
from idp.keys.key_phase import LIVE, KeyPhase, judge_phase
from idp.keys.ports import StoredSigningKey
from idp.keys.signing_key import SigningKey


class KeySet:
    """The keys as the store knew them at ``loaded_at``; never changed afterwards. ``loaded`` are the published ones."""

    def __init__(
        self, stored: Sequence[StoredSigningKey], loaded: Mapping[str, SigningKey], loaded_at: datetime
    ) -> None:
        self.stored = tuple(stored)
        self.loaded = dict(loaded)
        self.loaded_at = loaded_at
        self.jwks = _write_jwks([self.loaded[key.kid] for key in self.stored if self._is_in_jwks(key)])

    def get_signing_key(self, alg: str, now: datetime) -> SigningKey:
        """The key that signs now: of those that may, the one that began last.

        Raises: NoSigningKey.
        """
        signing = [key for key in self.stored if key.alg == alg and judge_phase(key, now) is KeyPhase.SIGNING]
        if not signing or use_of(alg) != "sig":
            raise NoSigningKey(f"no {alg} key may sign now")
        newest = max(signing, key=lambda key: (key.signs_from, key.created_at, key.kid))
        return self.loaded[newest.kid]

    def find_published_key(self, kid: str, now: datetime) -> SigningKey | None:
        """The signing key of this ``kid`` if it is still published; only such keys verify."""
        return self._find_live_key(kid, "sig", now)

    def find_decryption_key(self, kid: str, now: datetime) -> SigningKey | None:
        """The key of this ``kid`` that something may be encrypted to, or may have been a while ago."""
        return self._find_live_key(kid, "enc", now)

    def _find_live_key(self, kid: str, use: str, now: datetime) -> SigningKey | None:
        for key in self.stored:
            if key.kid == kid and use_of(key.alg) == use and judge_phase(key, now) in LIVE:
                return self.loaded[kid]
        return None

    def _is_in_jwks(self, key: StoredSigningKey) -> bool:
        phase = judge_phase(key, self.loaded_at)
        # One encryption key of an algorithm at a time: the announced one is there for our own nodes to learn, the
        # retired one for what is on its way.
        return phase in LIVE if use_of(key.alg) == "sig" else phase is KeyPhase.SIGNING


def _write_jwks(keys: Sequence[SigningKey]) -> bytes:
    """RFC 7517 §5. The newest key first, and those that verify before others, for who takes the first that fits."""
    newest_first = list(reversed(keys))
    members = [dict(key.public_jwk) for use in ("sig", "enc") for key in newest_first if use_of(key.alg) == use]
    return json.dumps({"keys": members}, separators=(",", ":"), sort_keys=True).encode("ascii")
