"""Published key sets: rollover, outages, and that nobody can make us hammer a host."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from idp.oidc.errors import ClientKeysUnavailable
from idp.outbound.fetch_slots import LONGEST_PAUSE_SECONDS, SlottedHttp
from idp.outbound.guarded_http import FetchedDocument, FetchFailed, FetchRefused
from idp.outbound.published_keys import (
    GRACE_SECONDS,
    LEAST_FRESH_SECONDS,
    MOST_FRESH_SECONDS,
    RETRY_SECONDS,
    PublishedKeys,
    run_beside,
)
from tests.unit.oidc.samples import ec_key

URI = "https://rp.example/jwks"
OLD = ec_key("old").as_dict(private=False)
NEW = ec_key("new").as_dict(private=False)


class Host:
    """A client's host: what it publishes, or how it fails, and how often it was asked."""

    def __init__(self, *keys: Any, max_age: int | None = None) -> None:
        self.answer: bytes | Exception = b""
        self.max_age = max_age
        self.asked: list[str] = []
        self.now = 1000.0
        self.publish(*keys)

    def publish(self, *keys: Any) -> None:
        self.answer = json.dumps({"keys": keys}).encode()

    def get(self, url: str, accept: str) -> FetchedDocument:
        assert accept.startswith("application/jwk-set+json")
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return FetchedDocument(self.answer, "application/json", self.max_age)

    def monotonic(self) -> float:
        return self.now

    @property
    def count(self) -> int:
        return len(self.asked)


class Beside:
    """Work beside the requests, done when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop()()


def no_thread(work: Callable[[], None]) -> None:
    raise RuntimeError("can't start new thread")


def kids(keys: PublishedKeys, kid: str | None = None) -> list[str]:
    return [jwk["kid"] for jwk in keys.find_key_set(URI, kid)["keys"]]


@pytest.mark.parametrize(
    ("max_age", "fresh_seconds"),
    [(None, 300), (0, LEAST_FRESH_SECONDS), (10, LEAST_FRESH_SECONDS), (600, 600), (10**8, MOST_FRESH_SECONDS)],
)
def test_a_set_is_kept_for_as_long_as_its_host_says_within_bounds(max_age: int | None, fresh_seconds: int) -> None:
    host = Host(OLD, max_age=max_age)
    keys = PublishedKeys(host, host.monotonic, beside=no_thread)
    assert kids(keys) == ["old-ec"]
    host.publish(NEW)
    host.now += fresh_seconds - 1
    assert (kids(keys), host.count) == (["old-ec"], 1)
    host.now += 1
    assert (kids(keys), host.count) == (["new-ec"], 2)


def test_a_new_key_is_found_as_soon_as_it_is_used() -> None:
    host = Host(OLD, max_age=3600)
    keys = PublishedKeys(host, host.monotonic)
    assert kids(keys, "old-ec") == ["old-ec"]
    host.publish(OLD, NEW)
    host.now += RETRY_SECONDS
    assert kids(keys, "new-ec") == ["old-ec", "new-ec"]
    assert kids(keys, "old-ec") == ["old-ec", "new-ec"]
    assert host.count == 2


def test_key_ids_that_nobody_has_ask_the_host_once_in_thirty_seconds() -> None:
    host = Host(OLD)
    keys = PublishedKeys(host, host.monotonic)
    for second in range(2 * RETRY_SECONDS):
        for attempt in range(5):
            assert kids(keys, f"invented-{second}-{attempt}") == ["old-ec"]
        host.now += 1
    assert host.count == 2


def test_a_key_without_an_id_may_be_any() -> None:
    host = Host({name: value for name, value in OLD.items() if name != "kid"})
    keys = PublishedKeys(host, host.monotonic)
    keys.find_key_set(URI, "old-ec")
    host.now += RETRY_SECONDS
    keys.find_key_set(URI, "other")
    assert host.count == 1


def test_a_set_is_at_hand_unless_its_host_would_be_asked() -> None:
    host = Host(OLD, max_age=600)
    keys = PublishedKeys(host, host.monotonic, beside=no_thread)
    assert (keys.find_key_set_at_hand(URI, None), host.count) == (None, 0)
    kids(keys)
    held = keys.find_key_set_at_hand(URI, "old-ec")
    assert held is not None
    assert keys.find_key_set_at_hand(URI, "unknown") == held, "its host was asked a moment ago"
    host.now += RETRY_SECONDS
    assert (keys.find_key_set_at_hand(URI, "unknown"), keys.find_key_set_at_hand(URI, "old-ec")) == (None, held)
    host.now += 600
    assert (keys.find_key_set_at_hand(URI, "old-ec"), host.count) == (None, 1)


def test_a_set_that_could_not_be_had_a_moment_ago_is_not_at_hand_and_nobody_waits_for_it() -> None:
    host = Host()
    host.answer = FetchFailed("ConnectTimeout")
    keys = PublishedKeys(host, host.monotonic)
    for find in (keys.find_key_set, keys.find_key_set_at_hand):
        with pytest.raises(ClientKeysUnavailable):
            find(URI, None)
    assert len(host.asked) == 1


FAILURES = [
    FetchFailed("ConnectTimeout"),
    FetchRefused("not public"),
    b"<html>maintenance</html>",
    json.dumps({"keys": [ec_key("old").as_dict(private=True)]}).encode(),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_the_last_good_set_bridges_an_outage_for_one_hour(failure: bytes | Exception) -> None:
    host = Host(OLD, max_age=60)
    keys = PublishedKeys(host, host.monotonic)
    kids(keys)
    host.answer = failure
    host.now += 60 + GRACE_SECONDS - 1
    assert kids(keys) == ["old-ec"]
    host.now += 1
    with pytest.raises(ClientKeysUnavailable):
        kids(keys)
    host.now += RETRY_SECONDS
    host.publish(NEW)
    assert kids(keys) == ["new-ec"]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_host_that_fails_is_left_alone_for_thirty_seconds(failure: bytes | Exception) -> None:
    host = Host(OLD)
    host.answer = failure
    keys = PublishedKeys(host, host.monotonic)
    for _ in range(RETRY_SECONDS):
        with pytest.raises(ClientKeysUnavailable):
            kids(keys)
        host.now += 1
    assert host.count == 1
    host.publish(OLD)
    assert kids(keys) == ["old-ec"]


def test_a_fault_that_nobody_foresaw_is_not_repeated_at_once_and_blocks_nobody() -> None:
    host = Host(OLD)
    host.answer = ZeroDivisionError()
    keys = PublishedKeys(host, host.monotonic)
    with pytest.raises(ZeroDivisionError):
        kids(keys)
    with pytest.raises(ClientKeysUnavailable):
        kids(keys)
    host.publish(OLD)
    host.now += RETRY_SECONDS
    assert kids(keys) == ["old-ec"]


def test_two_addresses_are_two_sets() -> None:
    host = Host(OLD)
    keys = PublishedKeys(host, host.monotonic)
    kids(keys)
    host.publish(NEW)
    assert [jwk["kid"] for jwk in keys.find_key_set("https://two.example/jwks", None)["keys"]] == ["new-ec"]
    assert kids(keys) == ["old-ec"]


def test_the_memory_is_bounded() -> None:
    host = Host(OLD)
    keys = PublishedKeys(host, host.monotonic)
    for number in range(1100):
        keys.find_key_set(f"https://rp{number}.example/jwks", None)
    assert len(keys._places) == 1000


class SlowHost(Host):
    """Answers when it is let go."""

    def __init__(self, *keys: Any) -> None:
        super().__init__(*keys)
        self.began = threading.Semaphore(0)
        self.go_on = threading.Event()

    def get(self, url: str, accept: str) -> FetchedDocument:
        document = super().get(url, accept)
        self.began.release()
        assert self.go_on.wait(10)
        return document


def test_addresses_that_never_answered_go_before_a_set_that_is_in_use() -> None:
    good, bad = Host(OLD), Host()
    bad.answer = FetchFailed("ConnectTimeout")

    class Hosts:
        def get(self, url: str, accept: str) -> FetchedDocument:
            return (good if url == URI else bad).get(url, accept)

    keys = PublishedKeys(Hosts(), good.monotonic)
    assert kids(keys) == ["old-ec"]
    for number in range(1100):
        with pytest.raises(ClientKeysUnavailable):
            keys.find_key_set(f"https://rp.example/{number}", None)
    assert kids(keys) == ["old-ec"]
    assert good.count == 1


def test_many_requests_at_once_ask_a_host_once() -> None:
    host = SlowHost(OLD)
    keys = PublishedKeys(host, host.monotonic)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(kids(keys))) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert host.began.acquire(timeout=10)
    host.go_on.set()
    for thread in threads:
        thread.join(10)
    assert (found, host.count) == ([["old-ec"]] * 5, 1)


def test_who_has_a_set_does_not_wait_for_a_slow_host() -> None:
    host = SlowHost(OLD)
    host.go_on.set()
    keys = PublishedKeys(host, host.monotonic)
    kids(keys)
    assert host.began.acquire(timeout=10)
    host.go_on.clear()
    host.now += MOST_FRESH_SECONDS
    asking = threading.Thread(target=kids, args=(keys,))
    asking.start()
    assert host.began.acquire(timeout=10)
    assert kids(keys) == ["old-ec"]
    host.go_on.set()
    asking.join(10)


def test_slow_hosts_take_no_more_than_two_threads() -> None:
    host = SlowHost(OLD)
    keys = PublishedKeys(SlottedHttp(host, most_at_once=2, monotonic=host.monotonic), host.monotonic)
    slow = [threading.Thread(target=keys.find_key_set, args=(f"https://slow{n}.example/", None)) for n in range(2)]
    for thread in slow:
        thread.start()
        assert host.began.acquire(timeout=10)
    with pytest.raises(ClientKeysUnavailable):
        kids(keys)
    assert host.count == 2
    host.go_on.set()
    for thread in slow:
        thread.join(10)
    # It was not the third host's fault, so it need not wait for its turn.
    assert kids(keys) == ["old-ec"]


def test_a_set_in_use_is_asked_for_before_it_expires_and_no_request_waits_for_it() -> None:
    host, beside = Host(OLD, max_age=400), Beside()
    keys = PublishedKeys(host, host.monotonic, beside=beside)
    kids(keys)
    host.publish(NEW)
    host.now += 299
    assert (kids(keys), len(beside.waiting)) == (["old-ec"], 0)
    host.now += 1
    assert [kids(keys) for _ in range(3)] == [["old-ec"]] * 3
    assert (len(beside.waiting), host.count) == (1, 1)
    beside.run()
    assert (kids(keys), host.count) == (["new-ec"], 2)


def test_a_refresh_that_fails_leaves_the_set_and_is_tried_again_later() -> None:
    host, beside = Host(OLD, max_age=400), Beside()
    keys = PublishedKeys(host, host.monotonic, beside=beside)
    kids(keys)
    host.now += 300
    for failure, waited in ((FetchFailed("ReadTimeout"), RETRY_SECONDS), (ZeroDivisionError(), 2 * RETRY_SECONDS)):
        host.answer = failure
        assert kids(keys) == ["old-ec"]
        beside.run()
        host.now += waited - 1
        assert (kids(keys), beside.waiting) == (["old-ec"], [])
        host.now += 1
    host.publish(NEW)
    assert kids(keys) == ["old-ec"]
    beside.run()
    assert kids(keys) == ["new-ec"]


def test_no_more_than_two_refreshes_are_under_way() -> None:
    host, beside = Host(OLD, max_age=400), Beside()
    keys = PublishedKeys(host, host.monotonic, beside=beside)
    uris = [f"https://rp{number}.example/jwks" for number in range(5)]
    for uri in uris:
        keys.find_key_set(uri, None)
    host.now += 300
    for uri in uris:
        keys.find_key_set(uri, None)
    assert len(beside.waiting) == 2
    beside.run()
    for uri in uris:
        keys.find_key_set(uri, None)
    assert len(beside.waiting) == 2


def test_a_host_that_goes_on_failing_is_asked_less_and_less() -> None:
    host = Host(OLD)
    host.answer = FetchFailed("ConnectTimeout")
    keys = PublishedKeys(host, host.monotonic)
    asked_at = []
    for _ in range(1200):
        before = host.count
        with pytest.raises(ClientKeysUnavailable):
            kids(keys)
        if host.count > before:
            asked_at.append(int(host.now) - 1000)
        host.now += 1
    assert asked_at == [0, 30, 90, 210, 450, 450 + LONGEST_PAUSE_SECONDS, 450 + 2 * LONGEST_PAUSE_SECONDS]
    host.publish(OLD)
    host.now += LONGEST_PAUSE_SECONDS
    assert kids(keys) == ["old-ec"]


def test_of_strangers_requests_no_more_wait_than_there_are_slots() -> None:
    host = SlowHost(OLD)
    keys = PublishedKeys(host, host.monotonic, most_asking=1)
    asking = threading.Thread(target=kids, args=(keys,))
    asking.start()
    assert host.began.acquire(timeout=10)
    # Were this one to wait, it would be for the thread that waits for the test.
    for _ in range(3):
        with pytest.raises(ClientKeysUnavailable):
            kids(keys)
    host.go_on.set()
    asking.join(10)
    assert kids(keys) == ["old-ec"]


def test_a_thread_of_its_own_does_what_is_beside() -> None:
    done = threading.Event()
    run_beside(done.set)
    assert done.wait(10)
