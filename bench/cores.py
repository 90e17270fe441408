"""Which core does what: the server alone on one, load and database on the others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """The server's core and everybody else's; the same one where the machine has only one."""

    server: set[int]
    rest: set[int]


def choose_cores() -> Cores:
    """The first core of this process for the server, the others for the rest."""
    available = sorted(os.sched_getaffinity(0))
    return Cores({available[0]}, set(available[1:]) or {available[0]})


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """Processes that are started within the block stay on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
