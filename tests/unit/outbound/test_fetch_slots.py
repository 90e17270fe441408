"""Slots and pauses: what a slow host takes from others is time, and that has a bound."""

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outbound.fetch_slots import (
    LONGEST_PAUSE_SECONDS,
    MOST_HOSTS,
    MOST_SPARED,
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
def test_a_slow_address_is_left_alone_whatever_came_of_it(
    hosts: Hosts, http: SlottedHttp, answer: Exception | None
) -> None:
    hosts.takes, hosts.answer = SLOW_SECONDS, answer
    try:
        http.get("https://slow.example/1", "a")
    except (FetchFailed, ZeroDivisionError) as error:
        assert error is answer
    hosts.takes = 0.0
    with pytest.raises(FetchPostponed):
        http.get("https://slow.example/1", "a")
    hosts.answer = None
    assert http.get("https://fast.example/", "a") is DOCUMENT
    hosts.now += pause_seconds(1)
    assert http.get("https://slow.example/1", "a") is DOCUMENT


def test_what_was_slow_at_one_address_of_a_host_closes_no_other_that_answers(hosts: Hosts, http: SlottedHttp) -> None:
    hosts.takes = SLOW_SECONDS
    http.get("https://shared.example/stranger", "a")
    hosts.takes = 0.0
    for _ in range(2 * MOST_SPARED):
        assert http.get("https://shared.example/good", "a") is DOCUMENT
    with pytest.raises(FetchPostponed):
        http.get("https://shared.example/stranger", "a")


@pytest.mark.parametrize("answer", [None, FetchFailed("ReadTimeout")])
def test_a_host_with_many_slow_addresses_is_left_alone_altogether(
    hosts: Hosts, http: SlottedHttp, answer: Exception | None
) -> None:
    hosts.takes, hosts.answer = SLOW_SECONDS, answer
    for number in range(10):
        with suppress(FetchFailed):
            http.get(f"https://slow.example/{number}", "a")
    assert hosts.count == 1 + MOST_SPARED


@pytest.mark.parametrize("url", ["https://shared.example:81/", "http://shared.example/", "https://shared.example:x/"])
def test_another_port_is_another_host(hosts: Hosts, http: SlottedHttp, url: str) -> None:
    hosts.takes = SLOW_SECONDS
    for number in range(1 + MOST_SPARED):
        http.get(f"{url}{number}", "a")
    with pytest.raises(FetchPostponed):
        http.get(f"{url}good", "a")
    assert http.get("https://shared.example/good", "a") is DOCUMENT
    assert http.get("https://shared.example:443/good", "a") is DOCUMENT
    with pytest.raises(FetchPostponed):
        http.get("https://shared.example:443/good", "a")


def test_in_a_pause_nobody_waits_for_a_slot_and_nothing_is_used_up() -> None:
    class Filled(Hosts):
        def get(self, url: str, accept: str) -> FetchedDocument:
            if url.endswith("/outer"):
                for _ in range(2 * MOST_SPARED):
                    with pytest.raises(FetchPostponed):
                        http.get("https://slow.example/other", "a")
            return super().get(url, accept)

    hosts = Filled()
    http = SlottedHttp(hosts, most_at_once=1, wait_seconds=60.0, monotonic=hosts.monotonic)
    hosts.takes = SLOW_SECONDS
    http.get("https://slow.example/", "a")
    hosts.takes = 0.0
    http.get("https://fast.example/outer", "a")
    assert http.get("https://slow.example/other", "a") is DOCUMENT


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
