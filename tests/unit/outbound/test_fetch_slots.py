"""Slots and pauses: what a slow host takes from others is time, and that has a bound."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outbound.fetch_slots import (
    LONGEST_PAUSE_SECONDS,
    MOST_HOSTS,
    SLOW_SECONDS,
    FetchPostponed,
    SlottedHttp,
    pause_seconds,
)
from idp.outbound.guarded_http import FetchedDocument, FetchFailed

DOCUMENT = FetchedDocument(b"{}", "application/json", None)


class Hosts:
    """Hosts that take their time, which passes by itself."""

    def __init__(self) -> None:
        self.now = 0.0
        self.takes = 0.0
        self.answer: Exception | None = None
        self.count = 0

    def monotonic(self) -> float:
        return self.now

    def get(self, url: str, accept: str) -> FetchedDocument:
        self.count += 1
        self.now += self.takes
        if self.answer is not None:
            raise self.answer
        return DOCUMENT


@pytest.fixture
def hosts() -> Hosts:
    return Hosts()


@pytest.fixture
def http(hosts: Hosts) -> SlottedHttp:
    return SlottedHttp(hosts, most_at_once=2, monotonic=hosts.monotonic)


@pytest.mark.parametrize("answer", [None, FetchFailed("ReadTimeout"), ZeroDivisionError()])
def test_a_slow_host_is_left_alone_whatever_its_address_and_whatever_came_of_it(
    hosts: Hosts, http: SlottedHttp, answer: Exception | None
) -> None:
    hosts.takes, hosts.answer = SLOW_SECONDS, answer
    try:
        http.get("https://slow.example/1", "a")
    except (FetchFailed, ZeroDivisionError) as error:
        assert error is answer
    hosts.takes = 0.0
    with pytest.raises(FetchPostponed):
        http.get("https://slow.example/2", "a")
    hosts.answer = None
    assert http.get("https://fast.example/", "a") is DOCUMENT
    hosts.now += pause_seconds(1)
    assert http.get("https://slow.example/2", "a") is DOCUMENT


def test_a_host_that_fails_at_once_costs_nothing_and_is_not_left_alone(hosts: Hosts, http: SlottedHttp) -> None:
    hosts.answer = FetchFailed("status 404")
    for number in range(10):
        with pytest.raises(FetchFailed):
            http.get(f"https://shared.example/{number}", "a")
    assert hosts.count == 10


def test_a_host_that_stays_slow_is_asked_less_and_less_and_forgiven_when_it_is_fast(
    hosts: Hosts, http: SlottedHttp
) -> None:
    for times in range(1, 8):
        hosts.takes = SLOW_SECONDS
        http.get("https://slow.example/", "a")
        hosts.now += pause_seconds(times) - 1
        with pytest.raises(FetchPostponed):
            http.get("https://slow.example/", "a")
        hosts.now += 1
    hosts.takes = 0.0
    http.get("https://slow.example/", "a")
    hosts.takes = SLOW_SECONDS
    http.get("https://slow.example/", "a")
    hosts.now += pause_seconds(1)
    http.get("https://slow.example/", "a")


@given(st.integers(1, 10**9))
def test_pauses_grow_to_five_minutes_and_no_further(times: int) -> None:
    assert pause_seconds(1) == 30
    assert pause_seconds(times) <= pause_seconds(times + 1) <= LONGEST_PAUSE_SECONDS == 300


def test_the_memory_of_slow_hosts_is_bounded(hosts: Hosts, http: SlottedHttp) -> None:
    hosts.takes = SLOW_SECONDS
    for number in range(MOST_HOSTS + 50):
        http.get(f"https://h{number}.example/", "a")
    assert len(http._slow) == MOST_HOSTS


def test_slots_are_given_back_and_nobody_waits_longer_than_said() -> None:
    began, go_on = threading.Semaphore(0), threading.Event()

    class Slow:
        def get(self, url: str, accept: str) -> FetchedDocument:
            began.release()
            assert go_on.wait(10)
            return DOCUMENT

    http = SlottedHttp(Slow(), most_at_once=2)
    asking = [threading.Thread(target=http.get, args=(f"https://h{n}.example/", "a")) for n in range(2)]
    for thread in asking:
        thread.start()
        assert began.acquire(timeout=10)
    with pytest.raises(FetchPostponed):
        http.get("https://third.example/", "a")
    go_on.set()
    for thread in asking:
        thread.join(10)
    assert http.get("https://third.example/", "a") is DOCUMENT
