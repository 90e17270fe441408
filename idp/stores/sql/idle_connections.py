"""Open connections that nobody uses at the moment, safe with threads and with ``fork``."""

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from idp.outage import StoreUnavailable


class Closable(Protocol):
    """A driver's connection."""

    def close(self) -> None:
        """End it."""
        ...


ConnectionType = TypeVar("ConnectionType", bound=Closable)


class IdleConnections(Generic[ConnectionType]):
    """Last in, first out: as many connections as there were callers at once, at most ``limit``.

    Not one a thread: servers that make a thread per request would connect at every request. A child process starts
    with none of its own: a connection used on both sides of a fork corrupts what it talks to. The parent's are kept
    referenced there, because closing them would end the parent's conversation.
    """

    def __init__(self, connect: Callable[[], ConnectionType], limit: int, wait_seconds: float) -> None:
        self._connect = connect
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._inherited: list[deque[ConnectionType]] = []
        self._idle: deque[ConnectionType] = deque()
        self._places = threading.BoundedSemaphore(limit)
        _forget_after_fork(weakref.ref(self))

    def take(self) -> ConnectionType:
        """A connection for this caller alone, until ``put_back`` or ``discard``.

        Raises: StoreUnavailable: all are in use and none came free in time; or what connecting raises.
        """
        if not self._places.acquire(timeout=self._wait_seconds):
            raise StoreUnavailable(f"all {self._limit} database connections of this process are in use")
        try:
            try:
                return self._idle.pop()
            except IndexError:
                return self._connect()
        except BaseException:
            self._places.release()
            raise

    def put_back(self, connection: ConnectionType) -> None:
        """Leave the connection to the next caller."""
        self._idle.append(connection)
        self._places.release()

    def discard(self, connection: ConnectionType) -> None:
        """Close a connection that is broken, and all idle ones: what broke it has most likely broken them too."""
        self._places.release()
        connection.close()
        self.close_idle()

    def close_idle(self) -> None:
        """Close every connection that is not in use."""
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def forget(self) -> None:
        """Begin anew in a child process."""
        self._inherited.append(self._idle)
        self._idle = deque()
        self._places = threading.BoundedSemaphore(self._limit)


def _forget_after_fork(reference: "weakref.ref[IdleConnections[Any]]") -> None:
    def forget() -> None:
        idle = reference()
        if idle is not None:
            idle.forget()

    os.register_at_fork(after_in_child=forget)
