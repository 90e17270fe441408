"""Windows of load, taken in turns: every server is measured several times, so that a noisy minute hits them all."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from bench.driver import Driver
from bench.process_cpu import tree_cpu_seconds
from bench.server import Server

_WARM_UP_SECONDS: Final = 0.5
_TAIL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """One measured stretch of time."""

    seconds: float
    latencies_ms: tuple[float, ...]
    server_cpu_seconds: float
    database_cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Whole sign-ins a second."""
        return len(self.latencies_ms) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of the server's process tree per sign-in, milliseconds."""
        return self.server_cpu_seconds / len(self.latencies_ms) * 1000


@dataclass
class Measured:
    """A server with the drivers that saturate it, and what has been measured."""

    server: Server
    drivers: Sequence[Driver]
    windows: list[Window] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Sign-ins a second: the median of the windows."""
        return median(window.per_second for window in self.windows)

    @property
    def cpu_ms(self) -> float:
        """CPU of the server's process tree per sign-in, milliseconds: the median of the windows."""
        return median(window.cpu_ms for window in self.windows)

    @property
    def database_cpu_ms(self) -> float | None:
        """CPU of PostgreSQL per sign-in, likewise."""
        if self.server.database_pid is None:
            return None
        return median(window.database_cpu_seconds / len(window.latencies_ms) * 1000 for window in self.windows)

    def ratios_to(self, peer: "Measured") -> tuple[float, float]:
        """Sign-ins a second and CPU per sign-in over the peer's, each the median of the rounds' own ratios.

        The machine's speed drifts with its neighbours; within one round both have had the same weather.
        """
        rounds = list(zip(self.windows, peer.windows, strict=True))
        return median(a.per_second / b.per_second for a, b in rounds), median(a.cpu_ms / b.cpu_ms for a, b in rounds)

    @property
    def busy(self) -> float:
        """Which part of its core the server used; near 1 where it was the limit."""
        return sum(window.server_cpu_seconds for window in self.windows) / sum(w.seconds for w in self.windows)

    def latency_ms(self, share: float) -> float:
        """The time that so many of all sign-ins took at most."""
        ordered = sorted(latency for window in self.windows for latency in window.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def warm_up(measured: Measured) -> None:
    """Let everybody sign in for the first time, which asks more of them."""
    for driver in measured.drivers:
        driver.start(0.5)
    for driver in measured.drivers:
        driver.finish()


def measure_window(measured: Measured, seconds: float) -> None:
    """Load the server, and add what it did between two looks at the clocks."""
    server = measured.server
    for driver in measured.drivers:
        driver.start(_WARM_UP_SECONDS + seconds + _TAIL_SECONDS)
    time.sleep(_WARM_UP_SECONDS)
    began_at, began = time.monotonic(), _cpu(server)
    time.sleep(seconds)
    ended_at, ended = time.monotonic(), _cpu(server)
    finished = [each for driver in measured.drivers for each in driver.finish()]
    latencies = tuple(took * 1000 for at, took in finished if began_at <= at < ended_at)
    measured.windows.append(Window(ended_at - began_at, latencies, ended[0] - began[0], ended[1] - began[1]))


def _cpu(server: Server) -> tuple[float, float]:
    database = 0.0 if server.database_pid is None else tree_cpu_seconds(server.database_pid)
    return tree_cpu_seconds(server.pid), database
