"""The signer: signs with the key of the hour, publishes the set, verifies what it signed."""

import base64
import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from idp.clock import Clock
from idp.keys.errors import NotOurToken
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.jws_registry import REGISTRIES
from idp.keys.key_encryption import KeyEncryption
from idp.keys.key_phase import LIVE, judge_phase
from idp.keys.key_set import KeySet
from idp.keys.ports import SigningKeyStore, StoredSigningKey
from idp.keys.rotation import REFRESH_SECONDS
from idp.keys.signing_key import SigningKey, load_signing_key
from idp.outage import StoreUnavailable

_TOKEN_CHARACTERS: Final = 16_384
# While the database fails over, clients may still fetch the set that they verify tokens with.
_OUTAGE: Final = timedelta(minutes=5)
_HEADER_MEMBERS: Final = frozenset({"typ", "alg", "kid"})


class KeyRing:
    """The provider's signing keys, as this process knows them.

    The set is read again after ``refresh_seconds``, so a rotation reaches every worker within that time; private keys
    stay loaded. One thread reads while the others go on with the set they have. Through an outage of the store the last
    set holds for five minutes.
    """

    def __init__(
        self,
        store: SigningKeyStore,
        encryption: KeyEncryption,
        clock: Clock,
        *,
        refresh_seconds: int = REFRESH_SECONDS,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._clock = clock
        self._refresh = timedelta(seconds=refresh_seconds)
        self._reading = threading.Lock()
        self._set: KeySet | None = None
        self._is_stale = False
        self._loaded: dict[str, SigningKey] = {}

    def sign(self, payload: Mapping[str, Any], alg: str, typ: str = "JWT") -> str:
        """A signed JWT of these claims, its header naming ``typ``, ``alg`` and ``kid``.

        Raises: NoSigningKey: no key of this algorithm may sign now.
        Source: RFC 7519 §7.1; RFC 7515 §4.1; RFC 8725 §3.11 (explicit typing, for other kinds of token).
        """
        now = self._clock()
        signing_key = self._get_set(now).get_signing_key(alg, now)
        header = {"typ": typ, "alg": alg, "kid": signing_key.kid}
        body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
        return jws.serialize_compact(header, body, signing_key.key, registry=REGISTRIES[alg])

    def public_jwks(self) -> bytes:
        """The JWK Set of all published keys, as JSON (RFC 7517 §5)."""
        return self._get_set(self._clock()).jwks

    def verify_own(self, unverified_token: str, typ: str = "JWT") -> dict[str, Any]:
        """The claims of a token that one of our published keys has signed, of whatever age.

        Takes:  typ, the kind of token it must be; an ID token, unless told otherwise.
        Raises: NotOurToken.
        Source: OIDC Core §3.1.2.1, id_token_hint: an ID token previously issued by us; RFC 8725 §3.1 (the key, not the
                token, fixes the algorithm).
        """
        if len(unverified_token) > _TOKEN_CHARACTERS:
            raise NotOurToken
        try:
            key = self._find_key(_parse_own_header(unverified_token, typ))
            verified = jws.deserialize_compact(unverified_token.encode("ascii"), key.key, registry=REGISTRIES[key.alg])
            claims = json.loads(verified.payload)
        except (JoseError, ValueError, RecursionError):
            raise NotOurToken from None
        if not isinstance(claims, dict):
            raise NotOurToken
        return claims

    def find_decryption_key(self, kid: str) -> SigningKey | None:
        """The key that something was encrypted to under this ``kid``, as long as we decrypt with it."""
        now = self._clock()
        return self._get_set(now).find_decryption_key(kid, now)

    def list_keys(self) -> tuple[StoredSigningKey, ...]:
        """All published keys with their dates, oldest first, and those revoked of late."""
        return self._get_set(self._clock()).stored

    def forget_set(self) -> None:
        """Read the store again before the next use, because this process has changed something there."""
        self._is_stale = True

    def _find_key(self, unverified_header: Mapping[str, str]) -> SigningKey:
        now = self._clock()
        key = self._get_set(now).find_published_key(unverified_header["kid"], now)
        if key is None or key.alg != unverified_header["alg"]:
            raise NotOurToken
        return key

    def _get_set(self, now: datetime) -> KeySet:
        current = self._set
        if current is not None and self._is_fresh(current, now):
            return current
        # Without a set every thread waits for one; with one, only the first that comes reads.
        if not self._reading.acquire(blocking=current is None) and current is not None:
            return current
        try:
            current = self._set
            return current if current is not None and self._is_fresh(current, now) else self._read_set(now)
        finally:
            self._reading.release()

    def _is_fresh(self, current: KeySet, now: datetime) -> bool:
        # A clock that was set back must not keep a set for longer.
        return not self._is_stale and timedelta(0) <= now - current.loaded_at < self._refresh

    def _read_set(self, now: datetime) -> KeySet:
        self._is_stale = False
        try:
            stored = self._store.find_signing_keys(now)
        except StoreUnavailable:
            if self._set is not None and timedelta(0) <= now - self._set.loaded_at < _OUTAGE:
                return self._set
            raise
        # A newer version may have keys of algorithms that this one does not know.
        known = [key for key in stored if key.alg in ALL_ALGORITHMS]
        self._loaded = {key.kid: self._load(key) for key in known if judge_phase(key, now) in LIVE}
        self._set = KeySet(known, self._loaded, now)
        return self._set

    def _load(self, stored: StoredSigningKey) -> SigningKey:
        loaded = self._loaded.get(stored.kid)
        # What is destroyed in the database is not kept in memory either.
        if loaded is None or (stored.erased_at is not None and loaded.key.is_private):
            return load_signing_key(stored, self._encryption)
        return loaded


def _parse_own_header(unverified_token: str, typ: str) -> dict[str, str]:
    """The header of a token of ours, which has exactly the members that ``sign`` writes.

    joserfc is given no other: it raises more than its own errors on members of unexpected types.
    """
    text = unverified_token.partition(".")[0]
    header = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    if not isinstance(header, dict) or header.keys() != _HEADER_MEMBERS:
        raise NotOurToken
    # RFC 8725 §3.11: what we sign for one purpose is not taken for what we sign for another.
    if not all(isinstance(value, str) for value in header.values()) or header["typ"] != typ:
        raise NotOurToken
    return header
