"""Names, resolved in time or not at all."""

import socket
import threading
import time
from collections.abc import Sequence

import pytest

from idp.outbound.name_resolution import NameResolution, resolve


class SlowServer:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.release()
        assert self.go_on.wait(10)
        return ["192.0.2.1"]


def soon(seconds: float = 0.05) -> float:
    return time.monotonic() + seconds


def test_addresses_are_found() -> None:
    names = NameResolution(lambda host, port: [f"{host}:{port}"])
    assert names.find_addresses("rp.example", 443, soon(10)) == ["rp.example:443"]


@pytest.mark.parametrize("error", [socket.gaierror("unknown"), UnicodeError("label too long"), ZeroDivisionError()])
def test_what_the_resolver_raises_is_raised_to_whoever_asked(error: Exception) -> None:
    def failing(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(type(error)):
        NameResolution(failing).find_addresses("rp.example", 443, soon(10))


def test_a_slow_name_server_holds_its_caller_until_the_deadline_and_no_longer() -> None:
    server = SlowServer()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        NameResolution(server).find_addresses("slow.example", 443, began + 0.05)
    assert time.monotonic() - began < 5
    server.go_on.set()


def test_questions_that_nobody_waits_for_any_longer_count_until_they_end() -> None:
    server = SlowServer()
    names = NameResolution(server, most_at_once=2)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            names.find_addresses("slow.example", 443, soon())
        assert server.asked.acquire(timeout=10)
    with pytest.raises(TimeoutError):
        names.find_addresses("third.example", 443, soon())
    assert not server.asked.acquire(blocking=False), "a third thread"
    server.go_on.set()
    assert names.find_addresses("third.example", 443, soon(10)) == ["192.0.2.1"]


def test_nobody_waits_beyond_a_deadline_that_has_passed() -> None:
    server = SlowServer()
    with pytest.raises(TimeoutError):
        NameResolution(server).find_addresses("rp.example", 443, soon(-1))
    server.go_on.set()


@pytest.mark.enable_socket
def test_the_machines_resolver_knows_numbers() -> None:
    assert resolve("127.0.0.1", 443) == ("127.0.0.1",)
