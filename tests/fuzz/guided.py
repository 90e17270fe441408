"""A small coverage-guided fuzzer: an input that makes our code take a new step is kept and changed further."""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.der_mutation import mutate

IDP = str(Path(__file__).resolve().parents[2] / "idp")
INPUT_LIMIT_BYTES = 100_000

Arc = tuple[str, int, int] | tuple[str, str]


@dataclass(frozen=True)
class Campaign:
    """What a run did."""

    executions: int
    kept: int
    steps: int
    slowest_cpu_seconds: float


class Unexpected(AssertionError):
    """An input made the target raise what it never may; the message has the input."""


def fuzz(
    target: Callable[[bytes], None],
    seeds: Sequence[bytes],
    allowed: tuple[type[Exception], ...],
    seconds: float,
    seed: int,
) -> Campaign:
    """Try mutated inputs for some seconds.

    Raises: Unexpected: an exception outside ``allowed``.
    """
    chance = random.Random(seed)
    corpus, seen = list(seeds), set[Arc]()
    executions, slowest, begun = 0, 0.0, time.monotonic()
    queue: Iterator[bytes] = iter(seeds)
    while executions < len(seeds) or time.monotonic() - begun < seconds:
        data = next(queue, None)
        if data is None:
            # The newest find is the one with most left to discover.
            parent = corpus[-1] if chance.random() < 0.2 else chance.choice(corpus)
            data = mutate(parent, corpus, chance)[:INPUT_LIMIT_BYTES]
        steps: set[Arc] = set()
        started = time.process_time()
        with _tracing(steps):
            try:
                target(data)
            except allowed as refusal:
                # The library's own branches cannot be traced; what it complained of tells them apart.
                steps.add((type(refusal).__name__, str(refusal)[:120]))
            except Exception as fault:
                raise Unexpected(f"{type(fault).__name__}: {fault}; seed {seed}; input {data.hex()}") from fault
        slowest = max(slowest, time.process_time() - started)
        executions += 1
        if not steps <= seen:
            seen |= steps
            corpus.append(data)
    return Campaign(executions, len(corpus) - len(seeds), len(seen), slowest)


@contextmanager
def _tracing(steps: set[Arc]) -> Iterator[None]:
    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(IDP):
            return None
        last = 0

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal last
            if event == "line":
                steps.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)
