"""The lists in use find stored credentials by digest, and end each once, whatever else is listed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.identity.lookup_keys import LookupKey, LookupKeys, digest_credential
from idp.jpki.certificate import SERIAL_LIMIT_BYTES
from idp.jpki.crl import VerifiedCrl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_partition import parse_distribution_point, partition_id
from idp.ops import revocation_sweep
from idp.ops.revocation_refresh import CrlFeed, expected_indexes
from idp.ops.revocation_sweep import RevocationSweep, SweepOutcome, sweep_revocations
from idp.outbound.crl_source import FileCrlSource
from tests.unit.jpki.certificates import NOW, trust

TRUST = trust()
ISSUER, OTHER_ISSUER = (anchor.issuer_key_id for anchor in TRUST.anchors[:2])
KEYS = LookupKeys((LookupKey("new", b"n" * 32), LookupKey("old", b"o" * 32)))
DAY = timedelta(days=1)


@dataclass
class Note:
    value: bytes
    version: int
    expires_at: datetime


class MemoryNotes:
    """``SweepNotes`` without a database."""

    def __init__(self) -> None:
        self.notes: dict[str, Note] = {}

    def find(self, kind: str, key: str, now: datetime) -> Note | None:
        note = self.notes.get(key)
        return note if note is not None and note.expires_at > now else None

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        return self.find(kind, key, now) is None and bool(self.notes.update({key: Note(value, 1, expires_at)}) or True)

    def replace(self, kind: str, key: str, version: int, value: bytes, expires_at: datetime, now: datetime) -> bool:
        self.notes[key] = Note(value, version + 1, expires_at)
        return True


@dataclass
class MemoryCredentials:
    """``ListedCredentialStore`` without a database: credentials by digest, each its own account."""

    digests: dict[tuple[str, bytes], str] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    signed_in: set[str] = field(default_factory=set)
    audit: list[AuditRecord] = field(default_factory=list)
    asked: int = 0

    def add(self, serial: int, key_index: int = 0, issuer: bytes = ISSUER) -> str:
        found = digest_credential(KEYS, issuer, serial.to_bytes(SERIAL_LIMIT_BYTES, "big"))[key_index]
        self.digests[found.key_id, found.digest] = credential_id = f"credential-{serial}"
        self.signed_in.add(credential_id)
        return credential_id

    def find_live_digests(self, lookup_key_id: str, limit: int) -> frozenset[bytes] | None:
        live = frozenset(digest for (key_id, digest) in self.digests if key_id == lookup_key_id)
        return live if len(live) <= limit else None

    def find_listed_credentials(self, lookup_key_id: str, digests: Sequence[bytes]) -> tuple[str, ...]:
        self.asked += 1
        found = (self.digests.get((lookup_key_id, digest)) for digest in digests)
        return tuple(each for each in found if each is not None and each not in self.revoked)

    @contextmanager
    def writing(self) -> Iterator["MemoryCredentials"]:
        yield self

    def revoke_listed_credentials(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        self.end_credential_sign_ins(credential_ids, now)
        fresh = tuple(each for each in credential_ids if each not in self.revoked)
        self.revoked += fresh
        return fresh

    def end_credential_sign_ins(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        ended = tuple(each for each in credential_ids if each in self.signed_in)
        self.signed_in.difference_update(ended)
        return ended

    def append_audit(self, record: AuditRecord) -> None:
        self.audit.append(record)


@pytest.fixture
def store() -> MemoryCredentials:
    return MemoryCredentials()


@pytest.fixture
def sweep(tmp_path: Path, store: MemoryCredentials) -> RevocationSweep:
    return RevocationSweep(TRUST, KEYS, tmp_path, store, MemoryNotes(), bytes)


def publish(
    sweep: RevocationSweep,
    revoked: Sequence[int] = (),
    held: Sequence[int] = (),
    *,
    issuer: bytes = ISSUER,
    partition: bytes = b"",
    number: int = 1,
    this_update: datetime = NOW,
) -> None:
    joined = [b"".join(each.to_bytes(SERIAL_LIMIT_BYTES, "big") for each in sorted(part)) for part in (revoked, held)]
    crl = VerifiedCrl(issuer, number, this_update, NOW + 7 * DAY, joined[0], partition, held=joined[1])
    write_index(index_path(sweep.directory, issuer, partition), crl)


def counts(outcome: SweepOutcome) -> list[tuple[int, int]]:
    return [(found.revoked_count, found.held_count) for found in outcome.swept]


def test_a_listed_credential_is_revoked_and_the_audit_names_the_source(
    sweep: RevocationSweep, store: MemoryCredentials
) -> None:
    store.add(7)
    store.add(8)
    publish(sweep, [3, 7, 9])
    outcome = sweep_revocations(sweep, NOW)
    assert counts(outcome) == [(1, 0)]
    assert store.revoked == ["credential-7"]
    assert store.signed_in == {"credential-8"}
    check_ids = (outcome.swept[0].check_id,)
    assert store.audit == [
        AuditRecord(AuditEvent.CREDENTIAL_REVOKED, NOW, "credential-7", outcome="crl", check_ids=check_ids)
    ]


def test_a_credential_is_found_under_every_valid_look_up_key(sweep: RevocationSweep, store: MemoryCredentials) -> None:
    store.add(7, key_index=0)
    store.add(8, key_index=1)
    publish(sweep, [7, 8])
    sweep_revocations(sweep, NOW)
    assert sorted(store.revoked) == ["credential-7", "credential-8"]


def test_the_same_serial_number_of_another_authority_is_another_certificate(
    sweep: RevocationSweep, store: MemoryCredentials
) -> None:
    store.add(7, issuer=OTHER_ISSUER)
    publish(sweep, [7])
    publish(sweep, [8], issuer=OTHER_ISSUER)
    sweep_revocations(sweep, NOW)
    assert store.revoked == []


def test_every_partition_of_an_authority_is_swept(sweep: RevocationSweep, store: MemoryCredentials) -> None:
    store.add(7)
    store.add(8)
    publish(sweep, [7], partition=b"a" * 32)
    publish(sweep, [8], partition=b"b" * 32)
    assert sorted(counts(sweep_revocations(sweep, NOW))) == [(1, 0), (1, 0)]


def test_a_hold_ends_what_the_credential_opened_and_not_the_credential(
    sweep: RevocationSweep, store: MemoryCredentials
) -> None:
    store.add(7)
    publish(sweep, held=[7])
    assert counts(sweep_revocations(sweep, NOW)) == [(0, 1)]
    assert (store.revoked, store.signed_in) == ([], set())
    assert [record.event for record in store.audit] == [AuditEvent.CREDENTIAL_ON_HOLD]
    # A second sweep finds nothing to end, and says nothing.
    assert counts(sweep_revocations(sweep, NOW)) == [(0, 0)]
    assert len(store.audit) == 1


def test_an_outdated_list_still_revokes_but_holds_nobody(sweep: RevocationSweep, store: MemoryCredentials) -> None:
    store.add(7)
    store.add(8)
    publish(sweep, [7], [8])
    assert counts(sweep_revocations(sweep, NOW + 7 * DAY + timedelta(seconds=1))) == [(1, 0)]
    assert store.signed_in == {"credential-8"}


def test_a_list_is_left_alone_only_after_sign_ins_that_it_did_not_see_have_ended(
    sweep: RevocationSweep, store: MemoryCredentials
) -> None:
    publish(sweep, [7])
    sweep_revocations(sweep, NOW)
    # Somebody who was verified against the list before opens an account after the first sweep.
    store.add(7)
    assert counts(sweep_revocations(sweep, NOW + timedelta(hours=1))) == [(1, 0)]
    sweep_revocations(sweep, NOW + timedelta(hours=2))
    outcome = sweep_revocations(sweep, NOW + timedelta(hours=2, minutes=15))
    assert (outcome.swept, outcome.settled_count) == ((), 1)


def test_a_new_list_or_a_new_look_up_key_is_swept_at_once(sweep: RevocationSweep) -> None:
    publish(sweep, [7])
    for hours in (0, 2):
        sweep_revocations(sweep, NOW + timedelta(hours=hours))
    later = NOW + timedelta(hours=3)
    assert sweep_revocations(sweep, later).settled_count == 1
    with_key = LookupKeys((LookupKey("newest", b"x" * 32), *KEYS.keys))
    assert sweep_revocations(replace(sweep, lookup_keys=with_key), later).settled_count == 0
    publish(sweep, [7], number=2)
    assert sweep_revocations(sweep, later).settled_count == 0


def test_a_settled_list_is_swept_again_after_a_day(sweep: RevocationSweep) -> None:
    publish(sweep, [7])
    for hours in (0, 2):
        sweep_revocations(sweep, NOW + timedelta(hours=hours))
    assert sweep_revocations(sweep, NOW + timedelta(hours=26)).settled_count == 0


@pytest.mark.parametrize("fault", ["noise", "another list's name"])
def test_a_file_that_cannot_be_used_is_named_and_keeps_no_other_from_being_swept(
    sweep: RevocationSweep, store: MemoryCredentials, fault: str
) -> None:
    store.add(7)
    broken = index_path(sweep.directory, ISSUER, b"p" * 32)
    publish(sweep, [7])
    broken.write_bytes(b"noise" if fault == "noise" else index_path(sweep.directory, ISSUER).read_bytes())
    outcome = sweep_revocations(sweep, NOW)
    assert outcome.unreadable == (broken.name,)
    assert store.revoked == ["credential-7"]


def test_a_list_of_nobodys_authority_is_not_looked_at(sweep: RevocationSweep) -> None:
    publish(sweep, [7], issuer=b"\xee" * 32)
    assert sweep_revocations(sweep, NOW) == SweepOutcome((), 0, (), None)


def test_all_are_as_good_as_the_oldest_list_and_only_where_every_list_was_read(sweep: RevocationSweep) -> None:
    names = frozenset(index_path(Path(), issuer).name for issuer in (ISSUER, OTHER_ISSUER))
    complete = replace(sweep, expected=names)
    assert sweep_revocations(complete, NOW).as_of is None
    publish(sweep, [7], this_update=NOW - DAY)
    assert sweep_revocations(complete, NOW).as_of is None
    publish(sweep, [8], issuer=OTHER_ISSUER)
    assert sweep_revocations(complete, NOW).as_of == NOW - DAY
    # Also when nothing was new, and no more once a list is damaged.
    assert sweep_revocations(complete, NOW).as_of == NOW - DAY
    index_path(sweep.directory, ISSUER).write_bytes(b"noise")
    assert sweep_revocations(complete, NOW).as_of is None


def test_an_index_is_expected_of_every_list_of_an_unexpired_authority() -> None:
    point = parse_distribution_point("CN=Tokyo,O=JPKI,C=JP")
    feeds = {ISSUER: [CrlFeed(FileCrlSource(Path("x"))), CrlFeed(FileCrlSource(Path("y")), point)]}
    names = expected_indexes(TRUST, feeds, NOW)
    assert index_path(Path(), ISSUER, partition_id(point)).name in names
    assert index_path(Path(), OTHER_ISSUER).name in names
    assert len(names) == len(TRUST.anchors) + 1
    # Of an authority whose cards are asked about one by one nobody waits for a list; one that is configured is missed.
    askable = [ISSUER, OTHER_ISSUER]
    assert names - expected_indexes(TRUST, feeds, NOW, askable) == {index_path(Path(), OTHER_ISSUER).name}
    assert expected_indexes(TRUST, feeds, max(anchor.not_after for anchor in TRUST.anchors)) == frozenset()


def test_more_credentials_than_fit_in_memory_are_looked_up_where_they_are(
    sweep: RevocationSweep, store: MemoryCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation_sweep, "_MOST_DIGESTS_IN_MEMORY", 1)
    monkeypatch.setattr(revocation_sweep, "_DIGESTS_A_STATEMENT", 500)
    for serial in (600, 1200, 1201):
        store.add(serial)
    publish(sweep, range(1, 1201))
    assert counts(sweep_revocations(sweep, NOW)) == [(2, 0)]
    # Three statements for 1,200 entries; the old key has no credential, so that nothing is asked for it.
    assert store.asked == 3


def test_many_credentials_end_in_several_transactions(
    sweep: RevocationSweep, store: MemoryCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation_sweep, "_CREDENTIALS_A_TRANSACTION", 2)
    for serial in range(1, 6):
        store.add(serial)
    publish(sweep, range(1, 10))
    assert counts(sweep_revocations(sweep, NOW)) == [(5, 0)]
    assert len(store.audit) == 5
