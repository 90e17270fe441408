"""Serving until the operator of the program has had enough."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruption() -> Iterator[Callable[[], None]]:
    """Take Ctrl-C and SIGTERM as the ordinary end.

    Returns: what waits for it. Entered before anything is announced: whoever reads the announcement may end us at once.
    """
    # A pipe, not a lock: the kernel may hand the signal to any thread, and a lock the main thread waits for would not
    # wake it to run its handler; a byte in a pipe does.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    former_descriptor = signal.set_wakeup_fd(writer)
    former_handlers = {number: signal.signal(number, _note) for number in _ENDINGS}

    def wait() -> None:
        while not any(number in _ENDINGS for number in os.read(reader, 64)):
            continue

    try:
        yield wait
    finally:
        for number, handler in former_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former_descriptor)
        os.close(reader)
        os.close(writer)


def _note(_number: int, _frame: FrameType | None) -> None:
    """Nothing: the byte in the pipe has said it; a handler must exist for it to be written."""
