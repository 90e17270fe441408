"""Open connections that nobody uses at the moment, safe with threads and with ``fork``."""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
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
        self._begin()
        _forget_after_fork(weakref.ref(self))

    def take(self) -> ConnectionType:
        """A connection for this caller alone, until ``put_back`` or ``discard``.

        Raises: StoreUnavailable: all are in use and none came free in time; or what connecting raises.
        """
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._wait_for_place()
        if connection is not None:
            return connection
        try:
            return self._connect()
        except BaseException:
            self._give_place_back()
            raise

    def put_back(self, connection: ConnectionType) -> None:
        """Leave the connection to the next caller."""
        self._idle.append(connection)
        if self._waiting:
            with self._condition:
                self._condition.notify()

    def discard(self, connection: ConnectionType) -> None:
        """Close a connection that is broken, and all idle ones: what broke it has most likely broken them too."""
        connection.close()
        self._give_place_back()
        self.close_idle()

    def close_idle(self) -> None:
        """Close every connection that is not in use."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.close()
            self._give_place_back()

    def forget(self) -> None:
        """Begin anew in a child process."""
        self._inherited.append(self._idle)
        self._begin()

    def _begin(self) -> None:
        self._idle: deque[ConnectionType] = deque()
        self._condition = threading.Condition()
        self._open = 0
        self._waiting = 0

    def _wait_for_place(self) -> ConnectionType | None:
        """A connection that came free, or None and the right to open one."""
        give_up_at = time.monotonic() + self._wait_seconds
        with self._condition:
            # Counted before the look: whoever puts a connection back afterwards sees that somebody waits.
            self._waiting += 1
            try:
                while True:
                    with suppress(IndexError):  # another caller may take it between a look and a pop
                        return self._idle.pop()
                    if self._open < self._limit:
                        self._open += 1
                        return None
                    if not self._condition.wait(give_up_at - time.monotonic()):
                        raise StoreUnavailable(f"all {self._limit} database connections of this process are in use")
            finally:
                self._waiting -= 1

    def _give_place_back(self) -> None:
        with self._condition:
            self._open -= 1
            self._condition.notify()


def _forget_after_fork(reference: "weakref.ref[IdleConnections[Any]]") -> None:
    def forget() -> None:
        idle = reference()
        if idle is not None:
            idle.forget()

    os.register_at_fork(after_in_child=forget)
