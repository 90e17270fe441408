"""Fixed windows shared by all workers: at most the limit, and a write for several requests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.stores.sql.database import StatementCounter
from idp.stores.transient.open import open_transient
from idp.stores.transient.sql import SqlTransientStore
from idp.web.rate_limit import RateLimiter, TooManyRequests

BEGIN = datetime(2026, 4, 1, 12, 0, 10, tzinfo=UTC)


class Clock:
    now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter() -> StatementCounter:
    return StatementCounter()


@pytest.fixture
def store(tmp_path: Path, counter: StatementCounter) -> SqlTransientStore:
    return open_transient(f"sqlite:///{tmp_path}/transient.sqlite3", observer=counter)


def admitted(limiter: RateLimiter, tries: int, limit: int, caller: str = "192.0.2.1") -> int:
    passed = 0
    for _ in range(tries):
        try:
            limiter.check("token", caller, limit)
        except TooManyRequests:
            continue
        passed += 1
    return passed


@pytest.mark.parametrize("limit", [1, 2, 7, 8, 9, 60, 100])
def test_one_worker_admits_exactly_the_limit(store: SqlTransientStore, clock: Clock, limit: int) -> None:
    assert admitted(RateLimiter(store, clock), limit * 2, limit) == limit


@pytest.mark.parametrize("limit", [8, 60])
def test_workers_together_never_admit_more_than_the_limit(store: SqlTransientStore, clock: Clock, limit: int) -> None:
    workers = [RateLimiter(store, clock) for _ in range(3)]
    total = sum(admitted(worker, 1, limit) for _ in range(limit) for worker in workers)
    assert total <= limit
    assert total >= limit - 2 * max(1, limit // 8)


def test_threads_of_one_worker_admit_exactly_the_limit(store: SqlTransientStore, clock: Clock) -> None:
    limiter = RateLimiter(store, clock)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: admitted(limiter, 10, 40), range(8))) == 40


def test_the_next_window_begins_anew_and_the_refusal_says_when(store: SqlTransientStore, clock: Clock) -> None:
    limiter = RateLimiter(store, clock)
    admitted(limiter, 8, 8)
    with pytest.raises(TooManyRequests) as refused:
        limiter.check("token", "192.0.2.1", 8)
    assert refused.value.retry_after_seconds == 50
    clock.now += timedelta(seconds=49)
    assert admitted(limiter, 1, 8) == 0
    clock.now += timedelta(seconds=1)
    assert admitted(limiter, 20, 8) == 8


def test_callers_and_groups_are_counted_apart(store: SqlTransientStore, clock: Clock) -> None:
    limiter = RateLimiter(store, clock)
    assert admitted(limiter, 10, 8, "192.0.2.1") == 8
    assert admitted(limiter, 10, 8, "192.0.2.2") == 8
    limiter.check("page", "192.0.2.1", 8)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", True),
        ("2001:db8::1", "2001:db8:0:100::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("garbage", "other garbage", False),
    ],
)
def test_addresses_of_one_host_count_together(
    store: SqlTransientStore, clock: Clock, one: str, other: str, are_one: bool
) -> None:
    limiter = RateLimiter(store, clock)
    admitted(limiter, 8, 8, one)
    assert admitted(limiter, 1, 8, other) == (0 if are_one else 1)


@pytest.mark.parametrize("caller", ["", "\x00", "\udcff", "é" * 300, "x" * 10_000, "a\x00b"])
def test_whatever_a_caller_is_called_it_is_counted(store: SqlTransientStore, clock: Clock, caller: str) -> None:
    assert admitted(RateLimiter(store, clock), 10, 8, caller) == 8


def test_a_flood_does_not_reach_the_store(store: SqlTransientStore, clock: Clock, counter: StatementCounter) -> None:
    limiter = RateLimiter(store, clock)
    admitted(limiter, 8, 8)
    before = counter.write_transactions
    assert admitted(limiter, 100, 8) == 0
    assert counter.write_transactions - before <= 1


def test_requests_within_a_lease_cost_no_write(
    store: SqlTransientStore, clock: Clock, counter: StatementCounter
) -> None:
    before = counter.write_transactions
    admitted(RateLimiter(store, clock), 600, 600)
    # 9, 18, 36, then 75 at a time
    assert counter.write_transactions - before == 11


@pytest.mark.parametrize("limit", [60, 600])
def test_many_workers_do_not_hold_a_callers_whole_limit_between_them(
    store: SqlTransientStore, clock: Clock, limit: int
) -> None:
    """As many workers as a large installation has, or one that is restarted again and again."""
    workers = [RateLimiter(store, clock) for _ in range(32)]
    assert sum(admitted(worker, 1, limit) for worker in workers) == len(workers)


def test_of_all_refusals_of_a_window_one_is_the_first(store: SqlTransientStore, clock: Clock) -> None:
    limiter = RateLimiter(store, clock)
    admitted(limiter, 8, 8)
    firsts = []
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refused:
            limiter.check("token", "192.0.2.1", 8)
        firsts.append(refused.value.is_first)
    assert firsts == [True, False, False]


def test_what_is_spent_is_known_without_counting_until_the_window_ends(
    store: SqlTransientStore, clock: Clock, counter: StatementCounter
) -> None:
    limiter = RateLimiter(store, clock)
    admitted(limiter, 8, 8)
    limiter.check_unspent("token", "192.0.2.1")
    admitted(limiter, 1, 8)
    before = len(counter.statements)
    with pytest.raises(TooManyRequests) as refused:
        limiter.check_unspent("token", "192.0.2.1")
    assert refused.value.retry_after_seconds == 50
    limiter.check_unspent("token", "192.0.2.2")
    limiter.check_unspent("page", "192.0.2.1")
    clock.now += timedelta(seconds=50)
    limiter.check_unspent("token", "192.0.2.1")
    assert len(counter.statements) == before
