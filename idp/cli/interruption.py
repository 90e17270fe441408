"""Waiting until the operator of the program has had enough."""

import signal
import threading


def wait_for_interruption() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    ended.wait()
    for number, handler in before.items():
        signal.signal(number, handler)
