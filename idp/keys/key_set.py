"""The key set of a moment: which key signs, which keys verify, and the JWK Set that says so."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from idp.keys.errors import NoSigningKey
from idp.keys.key_phase import PUBLISHED, KeyPhase, judge_phase
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
        self.jwks = _write_jwks([self.loaded[key.kid] for key in self.stored if key.kid in self.loaded])

    def get_signing_key(self, alg: str, now: datetime) -> SigningKey:
        """The key that signs now: of those that may, the one that began last.

        Raises: NoSigningKey.
        """
        signing = [key for key in self.stored if key.alg == alg and judge_phase(key, now) is KeyPhase.SIGNING]
        if not signing:
            raise NoSigningKey(f"no {alg} key may sign now")
        newest = max(signing, key=lambda key: (key.signs_from, key.created_at, key.kid))
        return self.loaded[newest.kid]

    def find_published_key(self, kid: str, now: datetime) -> SigningKey | None:
        """The key of this ``kid`` if it is still published; only such keys verify."""
        for key in self.stored:
            if key.kid == kid and judge_phase(key, now) in PUBLISHED:
                return self.loaded[kid]
        return None


def _write_jwks(keys: Sequence[SigningKey]) -> bytes:
    """RFC 7517 §5. The newest key first, for clients that take the first that fits."""
    members = [dict(key.public_jwk) for key in reversed(keys)]
    return json.dumps({"keys": members}, separators=(",", ":"), sort_keys=True).encode("ascii")
