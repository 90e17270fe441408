"""Waiting until the operator of the program has had enough."""

import signal
from queue import SimpleQueue


def wait_for_interruption() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    # Not an Event: its lock may be held by the very wait that the handler interrupts; this put is reentrant.
    ended: SimpleQueue[int] = SimpleQueue()
    before = {
        number: signal.signal(number, lambda number, _: ended.put(number)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    ended.get()
    for number, handler in before.items():
        signal.signal(number, handler)
