"""Look-up keys: how a credential is found again without its serial number being stored."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from idp.identity.credential import LookupDigest
from idp.identity.errors import LookupKeyMismatch
from idp.identity.ports import LookupKeyCanaries

LOOKUP_KEY_BYTES: Final = 32
_CREDENTIAL_DOMAIN: Final = b"mynumber-idp/v1/credential"
_PERSON_DOMAIN: Final = b"mynumber-idp/v1/person"
_CANARY_DOMAIN: Final = b"mynumber-idp/v1/lookup-key-canary"


@dataclass(frozen=True, slots=True)
class LookupKey:
    """One key with the id under which its digests are stored; an id never changes its meaning."""

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != LOOKUP_KEY_BYTES:
            raise ValueError(f"look-up key {self.key_id} has to have {LOOKUP_KEY_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class LookupKeys:
    """The keys that are valid at once, newest first: new digests are written under the first, found under any."""

    keys: tuple[LookupKey, ...]

    def __post_init__(self) -> None:
        if not self.keys or len({key.key_id for key in self.keys}) != len(self.keys):
            raise ValueError("at least one look-up key is needed, and no id twice")


def digest_credential(lookup_keys: LookupKeys, issuer_key_id: bytes, serial: bytes) -> tuple[LookupDigest, ...]:
    """What is stored and looked up in place of a certificate's issuer and serial number.

    Takes:   issuer_key_id, bytes that name the issuing authority's key (its DN is shared by several generations);
             serial, the big-endian serial number; leading zero octets (DER's sign octet) make no difference.
    Returns: one digest a key, newest key first.
    Source:  design "Who is it?": HMAC-SHA-256 (RFC 2104), because serial numbers alone could be tried one by one.
    """
    return _digest(lookup_keys, _encode(_CREDENTIAL_DOMAIN, issuer_key_id, serial.lstrip(b"\x00")))


def digest_credentials(key: LookupKey, issuer_key_id: bytes, serials: Iterable[bytes]) -> Iterator[bytes]:
    """What ``digest_credential`` says of many certificates of one authority, under one key, in a third of the time.

    Returns: 32 bytes for each serial number, in their order.
    """
    begun = hmac.new(key.secret, _encode(_CREDENTIAL_DOMAIN, issuer_key_id), "sha256")
    for serial in serials:
        each = begun.copy()
        each.update(_encode(serial.lstrip(b"\x00")))
        yield each.digest()


def digest_person(lookup_keys: LookupKeys, operator: str, person_id: str) -> tuple[LookupDigest, ...]:
    """What is stored and looked up in place of the identifier by which a platform operator knows a person.

    Takes:   operator, the name under which the operator's identifiers are unique; another operator's never meet them.
    Returns: one digest a key, newest key first.
    """
    return _digest(lookup_keys, _encode(_PERSON_DOMAIN, operator.encode("utf-8"), person_id.encode("utf-8")))


def check_lookup_keys(lookup_keys: LookupKeys, store: LookupKeyCanaries) -> tuple[LookupKey, ...]:
    """That everybody who was here before is found again with these keys; nothing is written.

    Returns: the keys that are new to the database.
    Raises:  LookupKeyMismatch: a key is not the one that had its id before; credentials are stored under a key that is
             not configured; or credentials are stored under a key whose canary is gone, so that nothing proves it.
    """
    counts = store.count_credentials_by_key()
    configured = {key.key_id for key in lookup_keys.keys}
    missing = sorted(key_id for key_id, count in counts.items() if count and key_id not in configured)
    if missing:
        raise LookupKeyMismatch(f"credentials are stored under look-up keys that are not configured: {missing}")
    new = tuple(key for key in lookup_keys.keys if not _is_known(key, store))
    unproven = [key.key_id for key in new if counts.get(key.key_id)]
    if unproven:
        raise LookupKeyMismatch(f"credentials are stored under look-up keys without a canary: {unproven}")
    return new


def check_canaries(lookup_keys: LookupKeys, store: LookupKeyCanaries, now: datetime) -> tuple[str, ...]:
    """As ``check_lookup_keys``, and then record the canaries of new keys; every process does this at its start.

    Returns: the ids of keys that are new to the database.
    Raises:  LookupKeyMismatch.
    """
    new = check_lookup_keys(lookup_keys, store)
    for key in new:
        store.insert_canary(key.key_id, make_canary(key), now)
        # Another process may have recorded another key under this id a moment ago; the stored one decides.
        _is_known(key, store)
    return tuple(key.key_id for key in new)


def make_canary(key: LookupKey) -> bytes:
    """A value that only this key makes; it tells nothing about the key (32 bytes)."""
    return hmac.digest(key.secret, _encode(_CANARY_DOMAIN, key.key_id.encode("utf-8")), "sha256")


def _digest(lookup_keys: LookupKeys, message: bytes) -> tuple[LookupDigest, ...]:
    return tuple(
        LookupDigest(key_id=key.key_id, digest=hmac.digest(key.secret, message, "sha256")) for key in lookup_keys.keys
    )


def _is_known(key: LookupKey, store: LookupKeyCanaries) -> bool:
    stored = store.find_canary(key.key_id)
    if stored is not None and not hmac.compare_digest(stored, make_canary(key)):
        raise LookupKeyMismatch(f"look-up key {key.key_id} is not the key that had this id before")
    return stored is not None


def _encode(*parts: bytes) -> bytes:
    # Each part carries its length, so that no two lists of parts have the same encoding.
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
