"""Each kept certificate is asked about in its turn; only a clear answer changes anything; one outage stops nobody."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.identity.credential import LookupDigest
from idp.identity.sealed_serial import seal_serial
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ports import Status, StatusState
from idp.jpki.status_coverage import WHOLE_AUTHORITY, StatusCoverage
from idp.keys.sealing import Sealer
from idp.ops.recheck_ports import KeptSerial, KeptSerials
from idp.ops.revocation_recheck import (
    MOST_A_RUN,
    Pause,
    RecheckOutcome,
    RevocationRecheck,
    recheck_revocations,
)
from tests.unit.jpki.certificates import NOW, trust

TRUST = trust()
ISSUER, OTHER_ISSUER = (anchor.issuer_key_id for anchor in TRUST.anchors[:2])
SEALER = Sealer(b"k" * 32)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Answer = StatusState | Unverifiable


@dataclass
class MemorySerials:
    """``KeptSerialStore`` without a database."""

    kept: dict[str, KeptSerial] = field(default_factory=dict)
    status_times: dict[str, datetime] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    audit: list[AuditRecord] = field(default_factory=list)

    def add(self, serial: int, issuer: bytes = ISSUER, *, due_at: datetime = NOW, **changes: object) -> str:
        credential_id = f"credential-{serial}"
        lookup = LookupDigest("key", serial.to_bytes(32, "big"))
        sealed = seal_serial(SEALER, lookup, issuer, serial.to_bytes(2, "big"))
        kept = KeptSerial(credential_id, lookup, sealed, NOW + 900 * HOUR, False, due_at)
        self.kept[credential_id] = replace(kept, **changes)  # type: ignore[arg-type]
        self.due[credential_id] = due_at
        return credential_id

    def claim_kept_serials(self, due_by: datetime, claimed_until: datetime, limit: int) -> tuple[KeptSerial, ...]:
        ready = sorted((at, each) for each, at in self.due.items() if at <= due_by)[:limit]
        self.due.update({each: claimed_until for _, each in ready})
        return tuple(replace(self.kept[each], due_at=at) for at, each in ready)

    def unclaim_kept_serials(self, unasked: Sequence[KeptSerial], claimed_until: datetime) -> None:
        for kept in unasked:
            if self.due[kept.credential_id] == claimed_until:
                self.due[kept.credential_id] = kept.due_at

    def find_relied_on(self, credential_ids: Sequence[str], now: datetime) -> set[str]:
        return set(credential_ids) - self.idle

    def record_good_status(self, credential_id: str, status_time: datetime, due_at: datetime) -> None:
        self.status_times[credential_id] = status_time
        self.due[credential_id] = due_at

    def postpone_recheck(self, credential_id: str, due_at: datetime) -> None:
        self.due[credential_id] = due_at

    def forget_serials(self, credential_ids: Sequence[str], claimed_until: datetime) -> int:
        gone = [each for each in credential_ids if self.due[each] == claimed_until]
        for each in gone:
            del self.kept[each], self.due[each]
        return len(gone)

    def forget_all_serials(self, limit: int) -> int:
        raise AssertionError

    def count_kept_serials(self) -> KeptSerials:
        raise AssertionError

    @contextmanager
    def writing(self) -> Iterator["MemorySerials"]:
        yield self

    def revoke_listed_credentials(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        self.revoked += credential_ids
        for each in credential_ids:
            del self.kept[each], self.due[each]
        return tuple(credential_ids)

    def end_credential_sign_ins(self, credential_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
        self.held += credential_ids
        return tuple(credential_ids)

    def append_audit(self, record: AuditRecord) -> None:
        self.audit.append(record)


@dataclass
class Source:
    """A status source that answers by serial number, good if nothing is said."""

    answers: dict[int, Answer] = field(default_factory=dict)
    down: set[bytes] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda serial: None

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        serial = int.from_bytes(certificate.serial, "big")
        self.asked.append(serial)
        self.before(serial)
        answer = self.answers.get(serial, StatusState.GOOD)
        if isinstance(answer, Unverifiable) or certificate.anchor.issuer_key_id in self.down:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE)
        if answer is StatusState.UNKNOWN:
            refusal = CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE)
            refusal.is_unknown = True
            raise refusal
        return Status(answer, now - MINUTE, "ocsp", f"check-{serial}")


@dataclass
class Time:
    """Seconds that pass only while somebody waits, or where a test lets them."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


@pytest.fixture
def store() -> MemorySerials:
    return MemorySerials()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def recheck(store: MemorySerials, source: Source, time: Time) -> RevocationRecheck:
    coverage = StatusCoverage(frozenset([ISSUER, OTHER_ISSUER]))
    pause = Pause(lambda: time.seconds, time.sleep)
    return RevocationRecheck(TRUST, coverage, SEALER, source, store, time.now, 6 * HOUR, pause)


def test_a_revoked_card_ends_and_the_audit_names_source_and_check(recheck, store, source):
    store.add(7)
    store.add(8)
    source.answers[7] = StatusState.REVOKED
    assert recheck_revocations(recheck) == RecheckOutcome(good_count=1, revoked_count=1)
    assert store.revoked == ["credential-7"]
    (row,) = store.audit
    assert (row.event, row.account_id, row.outcome) == (AuditEvent.CREDENTIAL_REVOKED, "credential-7", "ocsp")
    assert row.check_ids == ("check-7",)


def test_a_good_answer_advances_the_status_to_its_own_moment_and_the_next_question(recheck, store):
    store.add(7)
    recheck_revocations(recheck)
    assert store.status_times == {"credential-7": NOW - MINUTE}
    assert store.due["credential-7"] == NOW + 6 * HOUR


def test_on_hold_ends_what_was_opened_and_revokes_nothing(recheck, store, source):
    store.add(7)
    source.answers[7] = StatusState.ON_HOLD
    assert recheck_revocations(recheck) == RecheckOutcome(held_count=1)
    assert (store.held, store.revoked) == (["credential-7"], [])
    assert [row.event for row in store.audit] == [AuditEvent.CREDENTIAL_ON_HOLD]
    assert store.status_times == {}


def test_without_an_answer_nothing_changes_and_it_is_tried_again_before_long(recheck, store, source):
    store.add(7)
    source.answers[7] = Unverifiable.STATUS_UNAVAILABLE
    assert recheck_revocations(recheck) == RecheckOutcome(unanswered_count=1)
    assert (store.status_times, store.revoked, store.held, store.audit) == ({}, [], [], [])
    assert store.due["credential-7"] == NOW + 10 * MINUTE


def test_only_what_is_due_is_asked_about_unless_everyone_is(recheck, store, source):
    store.add(7, due_at=NOW)
    store.add(8, due_at=NOW + timedelta(seconds=1))
    recheck_revocations(recheck)
    assert source.asked == [7]
    recheck_revocations(recheck, is_everyone_due=True)
    assert source.asked == [7, 8, 7]


def test_who_was_due_first_comes_first(recheck, store, source):
    store.add(1, due_at=NOW - HOUR)
    store.add(2, due_at=NOW - 3 * HOUR)
    store.add(3)
    recheck_revocations(recheck)
    assert source.asked == [2, 1, 3]


def test_a_card_that_the_source_does_not_know_is_asked_about_again_after_the_interval(recheck, store, source):
    store.add(7)
    source.answers[7] = StatusState.UNKNOWN
    assert recheck_revocations(recheck) == RecheckOutcome(unanswered_count=1)
    assert (store.status_times, store.revoked, store.held) == ({}, [], [])
    assert store.due["credential-7"] == NOW + 6 * HOUR


def test_any_number_of_cards_that_the_source_does_not_know_keeps_no_other_waiting(recheck, store, source):
    for serial in range(30):
        store.add(serial, due_at=NOW - HOUR)
        source.answers[serial] = StatusState.UNKNOWN
    store.add(100)
    source.answers[100] = StatusState.REVOKED
    assert recheck_revocations(recheck) == RecheckOutcome(revoked_count=1, unanswered_count=30)
    assert store.revoked == ["credential-100"]


@pytest.mark.parametrize("silent_count", [5, 10, 20])
def test_cards_about_which_nobody_answers_keep_the_others_waiting_for_some_runs_only(
    recheck, store, source, time, silent_count
):
    for serial in range(silent_count):
        store.add(serial, due_at=NOW - HOUR)
        source.answers[serial] = Unverifiable.STATUS_UNAVAILABLE
    for serial in range(100, 150):
        store.add(serial)
    source.answers[149] = StatusState.REVOKED
    for run in range(silent_count // 5 + 1):
        time.seconds = max(time.seconds, run * 305)
        recheck_revocations(recheck)
    assert store.revoked == ["credential-149"]
    assert set(range(100, 150)) <= set(source.asked)


def test_a_run_is_bounded_and_asks_no_more_than_five_a_second(recheck, store, source, time):
    for serial in range(MOST_A_RUN + 1):
        store.add(serial, due_at=NOW - timedelta(seconds=MOST_A_RUN + 1 - serial))
    assert recheck_revocations(recheck).good_count == MOST_A_RUN
    assert MOST_A_RUN not in source.asked
    assert time.seconds == pytest.approx(MOST_A_RUN / 5)


def test_a_slow_source_is_not_waited_for_longer_than_a_run_may_take(recheck, store, source, time):
    for serial in range(100):
        store.add(serial)
    source.before = lambda serial: time.sleep(10)
    outcome = recheck_revocations(recheck)
    assert outcome == RecheckOutcome(good_count=24, left_count=76)
    # What was left is as late as it was, for whoever looks at how late it is.
    assert sum(at == NOW for at in store.due.values()) == 76


def test_one_that_was_shown_while_it_was_left_keeps_its_new_time(recheck, store, source, time):
    for serial in range(2):
        store.add(serial)

    def sign_in_meanwhile(serial: int) -> None:
        time.sleep(300)
        store.due["credential-1"] = NOW + 6 * HOUR

    source.before = sign_in_meanwhile
    assert recheck_revocations(recheck) == RecheckOutcome(good_count=1, left_count=1)
    assert store.due["credential-1"] == NOW + 6 * HOUR


def test_a_responder_that_fails_half_way_is_left_alone_and_the_others_are_not(recheck, store, source):
    for serial in range(20):
        store.add(serial, OTHER_ISSUER if serial >= 10 else ISSUER)

    def fail_later(serial: int) -> None:
        if serial == 3:
            source.down.add(ISSUER)

    source.before = fail_later
    source.answers[15] = StatusState.REVOKED
    outcome = recheck_revocations(recheck)
    assert outcome == RecheckOutcome(good_count=12, revoked_count=1, unanswered_count=5, left_count=2)
    assert store.revoked == ["credential-15"]
    # In the next run those come first that were not asked about, so that the same few cannot stand in the way.
    source.asked.clear()
    source.down.clear()
    recheck_revocations(replace(recheck, clock=lambda: NOW + 5 * MINUTE))
    assert source.asked == [8, 9]


def test_what_rests_on_nothing_any_more_is_forgotten_and_nobody_is_asked_about_it(recheck, store, source):
    store.idle.add(store.add(7))
    store.add(8, valid_until=NOW)
    store.add(9, is_revoked=True)
    assert recheck_revocations(recheck) == RecheckOutcome(forgotten_count=3)
    assert (source.asked, store.kept) == ([], {})
    # What rests on a revoked one nevertheless came at the moment of its revocation.
    assert store.held == ["credential-9"]


def test_a_card_shown_again_while_it_was_about_to_be_forgotten_is_kept(recheck, store):
    store.idle.add(store.add(7))
    relied_on = store.find_relied_on

    def sign_in_meanwhile(credential_ids: Sequence[str], now: datetime) -> set[str]:
        found = relied_on(credential_ids, now)
        store.due["credential-7"] = NOW + 6 * HOUR
        return found

    store.find_relied_on = sign_in_meanwhile
    assert recheck_revocations(recheck) == RecheckOutcome()
    assert "credential-7" in store.kept


def test_a_serial_number_of_another_row_is_not_asked_about(recheck, store, source):
    store.add(7)
    store.add(8, sealed=store.kept["credential-7"].sealed)
    source.answers[7] = StatusState.REVOKED
    assert recheck_revocations(recheck) == RecheckOutcome(revoked_count=1, forgotten_count=1)
    assert source.asked == [7]
    assert store.revoked == ["credential-7"]


def test_an_authority_that_has_a_list_by_now_is_asked_no_more(recheck, store, source):
    store.add(7)
    store.add(8, OTHER_ISSUER)
    listed = StatusCoverage(frozenset([ISSUER, OTHER_ISSUER]), {ISSUER: [WHOLE_AUTHORITY]})
    assert recheck_revocations(replace(recheck, coverage=listed)) == RecheckOutcome(good_count=1, forgotten_count=1)
    assert source.asked == [8]


def test_of_two_runs_at_once_one_asks_about_each_card(recheck, store, source):
    for serial in range(3):
        store.add(serial)
    second: list[RecheckOutcome] = []

    def start_another(serial: int) -> None:
        if not second:
            second.append(RecheckOutcome())
            second[0] = recheck_revocations(recheck)

    source.before = start_another
    assert recheck_revocations(recheck) == RecheckOutcome(good_count=3)
    assert second == [RecheckOutcome()]
    assert sorted(source.asked) == [0, 1, 2]
