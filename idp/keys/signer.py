"""The signer: signs with the key of the hour, publishes the set, verifies what it signed, rotates."""

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from idp.audit import AuditEvent, AuditRecord
from idp.clock import Clock
from idp.keys.errors import NotOurToken
from idp.keys.key_encryption import KeyEncryption
from idp.keys.key_set import KeySet
from idp.keys.ports import SigningKeyStore, StoredSigningKey
from idp.keys.signing_key import SigningKey, load_signing_key, make_signing_key
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
        refresh_seconds: int = 15,
        announce_seconds: int = 86_400,
        retire_seconds: int = 604_800,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._clock = clock
        self._refresh = timedelta(seconds=refresh_seconds)
        # A key that signs before every worker knows it would make tokens that some workers' JWK Sets cannot verify.
        self._announce = timedelta(seconds=max(announce_seconds, refresh_seconds))
        self._retire = timedelta(seconds=retire_seconds)
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
        return jws.serialize_compact(header, body, signing_key.key, algorithms=[alg])

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
            verified = jws.deserialize_compact(unverified_token.encode("ascii"), key.key, algorithms=[key.alg])
            claims = json.loads(verified.payload)
        except (JoseError, ValueError, RecursionError):
            raise NotOurToken from None
        if not isinstance(claims, dict):
            raise NotOurToken
        return claims

    def list_keys(self) -> tuple[StoredSigningKey, ...]:
        """All published keys with their dates, oldest first."""
        return self._get_set(self._clock()).stored

    def ensure_keys(self, algorithms: Iterable[str], now: datetime) -> tuple[StoredSigningKey, ...]:
        """A first key for each algorithm that has none, signing at once because nobody relies on another.

        Returns: the keys that were made. Two processes that start together may make two; the later one retires the
                 earlier, and both verify.
        """
        present = {key.alg for key in self._store.find_signing_keys(now) if key.signs_until is None}
        return tuple(self._put(alg, now, now, now + self._retire) for alg in algorithms if alg not in present)

    def rotate(self, alg: str, now: datetime, *, announce_seconds: int | None = None) -> StoredSigningKey:
        """A new key: published from now, signing after the announcement, when the present key retires.

        Takes:   announce_seconds, if it is to differ from the configured time; never less than ``refresh_seconds``.
        Effect:  the present key verifies until ``retire_seconds`` after it last signed. Where there is none, the new
                 key signs at once.
        Source:  OIDC Core §10.1.1.
        """
        if made := self.ensure_keys([alg], now):
            return made[0]
        announce = self._announce if announce_seconds is None else timedelta(seconds=announce_seconds)
        signs_from = now + max(announce, self._refresh)
        return self._put(alg, now, signs_from, signs_from + self._retire)

    def replace_compromised(self, alg: str, now: datetime) -> StoredSigningKey:
        """A new key that signs at once; the present one is withdrawn and verifies nothing any more.

        Effect: clients that keep an old JWK Set refuse our tokens until they read it again. That is the smaller evil.
        """
        return self._put(alg, now, now, now)

    def _put(self, alg: str, now: datetime, signs_from: datetime, published_until: datetime) -> StoredSigningKey:
        new_key = make_signing_key(alg, self._encryption, now, signs_from)
        audit = AuditRecord(AuditEvent.SIGNING_KEY_ROTATED, now, outcome=alg)
        self._store.rotate_signing_key(new_key, signs_from, published_until, audit)
        self._is_stale = True
        return new_key

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
        self._loaded = {key.kid: self._loaded.get(key.kid) or load_signing_key(key, self._encryption) for key in stored}
        self._set = KeySet(stored, self._loaded, now)
        return self._set


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
