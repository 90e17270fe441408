"""Look for the listed certificates among the stored credentials, so that revocation does not wait for a sign-in.

A credential is stored without its serial number, as a digest; so it is the lists that are digested, and compared.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import Randomness, new_identifier
from idp.identity.lookup_keys import LookupKey, LookupKeys, digest_credentials
from idp.jpki.crl import CrlRefused
from idp.jpki.crl_index import CrlIndex, index_path, open_index
from idp.jpki.trust_anchors import TrustAnchors
from idp.ops.credential_ends import end_held_credentials, revoke_credentials
from idp.ops.ports import ListedCredentialStore, SweepNotes

_SOURCE: Final = "crl"
_KIND: Final = "sweep"
_SETTLED: Final = b"settled"
# Longer than any sign-in lasts: one that began before a list was read may end, and open an account, after its sweep.
_SETTLING: Final = timedelta(hours=2)
# Then all is swept once more, whatever was noted: somebody may have restored the database from a copy.
_REMEMBERED: Final = timedelta(days=1)
_MOST_DIGESTS_IN_MEMORY: Final = 200_000
_DIGESTS_A_STATEMENT: Final = 2_000
_CREDENTIALS_A_TRANSACTION: Final = 100


@dataclass(frozen=True, slots=True)
class SweptList:
    """What one list led to; ``check_id`` stands in the audit rows of all that ended by it."""

    check_id: str
    issuer_key_id: bytes
    crl_number: int
    this_update: datetime
    entry_count: int
    revoked_count: int
    held_count: int


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """The lists that were swept, how many were left because nothing is new, and the files that cannot be read.

    ``as_of`` is the date of the oldest list, when no credential that still lives was revoked; None where a list that
    there should be is missing or unreadable.
    """

    swept: tuple[SweptList, ...]
    settled_count: int
    unreadable: tuple[str, ...]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class RevocationSweep:
    """What a sweep is made of.

    ``directory`` is where ``refresh_revocation`` puts its indexes, ``expected`` the names of those there should be.
    """

    trust: TrustAnchors
    lookup_keys: LookupKeys
    directory: Path
    store: ListedCredentialStore
    notes: SweepNotes
    randomness: Randomness = secrets.token_bytes
    expected: frozenset[str] = frozenset()


def sweep_revocations(sweep: RevocationSweep, now: datetime) -> SweepOutcome:
    """End every credential that a list of any authority names, with its sessions, grants and tokens.

    Returns: what was found; an unreadable list does not keep the others from being swept.
    Raises:  StoreUnavailable: what is committed stays, the next sweep goes on.
    Effect:  a transaction for some credentials at a time, each with its audit rows; safe to run twice at once. A
             credential on hold stays, for its authority may take that back; what it opened ends. A list that is in use
             for two hours without change is not looked at again that day.
    Source:  RFC 5280 §5.3.1; design "Is the card genuine?". A list of any partition counts: an authority gives a serial
             number once.
    """
    swept: list[SweptList] = []
    unreadable: list[str] = []
    settled_count = 0
    dates: dict[str, datetime] = {}
    for path in _list_indexes(sweep):
        index = _find_index(path)
        if index is None:
            unreadable.append(path.name)
            continue
        dates[path.name] = index.this_update
        name = _name_list(index, sweep.lookup_keys)
        note = sweep.notes.find(_KIND, name, now)
        if note is not None and note.value == _SETTLED:
            settled_count += 1
            continue
        swept.append(_sweep_list(index, sweep, now))
        if note is None:
            begun = str(to_epoch_seconds(now)).encode("ascii")
            sweep.notes.insert(_KIND, name, begun, now + _REMEMBERED, now)
        elif now >= from_epoch_seconds(int(note.value)) + _SETTLING:
            sweep.notes.replace(_KIND, name, note.version, _SETTLED, now + _REMEMBERED, now)
    is_complete = bool(dates) and not unreadable and sweep.expected <= dates.keys()
    return SweepOutcome(tuple(swept), settled_count, tuple(unreadable), min(dates.values()) if is_complete else None)


def _list_indexes(sweep: RevocationSweep) -> list[Path]:
    return sorted(
        path
        for anchor in sweep.trust.anchors
        for path in sweep.directory.glob(index_path(Path(), anchor.issuer_key_id).stem + "*.crlindex")
    )


def _find_index(path: Path) -> CrlIndex | None:
    try:
        index = open_index(path)
    except (OSError, CrlRefused):
        return None
    # A file under another list's name would be taken for that list's authority.
    return index if index_path(path.parent, index.issuer_key_id, index.partition) == path else None


def _name_list(index: CrlIndex, lookup_keys: LookupKeys) -> str:
    key_ids = sorted(key.key_id for key in lookup_keys.keys)
    parts = (index.issuer_key_id, index.partition, index.crl_number, index.base_number, index.this_update, key_ids)
    return hashlib.sha256(repr(parts).encode("utf-8")).hexdigest()


def _sweep_list(index: CrlIndex, sweep: RevocationSweep, now: datetime) -> SweptList:
    check_id = new_identifier(sweep.randomness)
    revoked_count = held_count = 0
    for key in sweep.lookup_keys.keys:
        known = sweep.store.find_live_digests(key.key_id, _MOST_DIGESTS_IN_MEMORY)
        for found in _find_listed(index.list_revoked(), index, key, known, sweep.store):
            revoked_count += revoke_credentials(found, sweep.store, source=_SOURCE, check_id=check_id, now=now)
        # A hold that an outdated list knows of may have been taken back; a revocation may not.
        if now <= index.next_update:
            for found in _find_listed(index.list_on_hold(), index, key, known, sweep.store):
                held_count += end_held_credentials(found, sweep.store, source=_SOURCE, check_id=check_id, now=now)
    return SweptList(
        check_id, index.issuer_key_id, index.crl_number, index.this_update, len(index), revoked_count, held_count
    )


def _find_listed(
    serials: Iterator[bytes],
    index: CrlIndex,
    key: LookupKey,
    known: frozenset[bytes] | None,
    store: ListedCredentialStore,
) -> Iterator[tuple[str, ...]]:
    digests = digest_credentials(key, index.issuer_key_id, serials)
    if known is not None:
        digests = filter(known.__contains__, digests)
    while batch := list(islice(digests, _DIGESTS_A_STATEMENT)):
        found = store.find_listed_credentials(key.key_id, batch)
        yield from (
            found[start : start + _CREDENTIALS_A_TRANSACTION]
            for start in range(0, len(found), _CREDENTIALS_A_TRANSACTION)
        )
