"""A driver: one process that plays several people at once and never waits for one of them.

It makes the cards' signatures itself, so that the server's work alone is measured, on another core.
"""

import multiprocessing
import os
import selectors
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Protocol

from bench.exchange import Conversation
from bench.http_connection import HttpConnection


class Person(Protocol):
    """Somebody who can sign in again and again."""

    def sign_in(self) -> Conversation:
        """One whole sign-in."""
        ...


# Made in the driver's own process, since keys cannot be handed over.
MakePeople = Callable[[], Sequence[Person]]
Finished = tuple[float, float]  # when it ended (monotonic seconds), how long it took


class _User:
    """One person at work on one connection."""

    def __init__(self, person: Person, connection: HttpConnection) -> None:
        self.person = person
        self.connection = connection
        self._conversation = person.sign_in()
        self._begun_at = 0.0

    def begin(self) -> None:
        """Send the first request of a sign-in."""
        self._conversation = self.person.sign_in()
        self._begun_at = time.monotonic()
        self.connection.send(next(self._conversation))

    def go_on(self) -> Finished | None:
        """Read, and answer with the next request; the sign-in's times when that was the last."""
        try:
            answer = self.connection.receive()
        except ConnectionError:
            if self.connection.has_begun:
                raise
            self.connection.reconnect()
            return None
        if answer is None:
            return None
        try:
            self.connection.send(self._conversation.send(answer))
        except StopIteration:
            now = time.monotonic()
            return now, now - self._begun_at
        return None


def play(people: Sequence[Person], host: str, port: int, seconds: float) -> list[Finished]:
    """Let everybody sign in, again and again, for so long; at least once each.

    Raises: WrongAnswer, OSError: the server did not do what it must.
    """
    finished: list[Finished] = []
    selector = selectors.DefaultSelector()
    users = [_User(person, HttpConnection(host, port)) for person in people]
    ends_at = time.monotonic() + seconds
    busy = len(users)
    for user in users:
        user.begin()
        selector.register(user.connection, selectors.EVENT_READ, user)
    while busy:
        for key, _ in selector.select(30):
            user = key.data
            before = user.connection.fileno()
            done = user.go_on()
            if user.connection.fileno() != before:
                selector.unregister(before)
                selector.register(user.connection, selectors.EVENT_READ, user)
            if done is None:
                continue
            finished.append(done)
            if done[0] < ends_at:
                user.begin()
            else:
                selector.unregister(user.connection)
                user.connection.close()
                busy -= 1
    selector.close()
    return finished


class Driver:
    """The other process, told what to do over a pipe."""

    def __init__(self, make_people: MakePeople, port: int, cores: set[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, make_people, port, cores), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, seconds: float) -> None:
        """Begin to play; ``finish`` waits for the end."""
        self._pipe.send(seconds)

    def finish(self) -> list[Finished]:
        """What has been played.

        Raises: RuntimeError: the driver failed.
        """
        result = self._pipe.recv()
        if isinstance(result, str):
            raise RuntimeError(result)
        finished: list[Finished] = result
        return finished

    def stop(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(10)


def _work(pipe: Connection, make_people: MakePeople, port: int, cores: set[int]) -> None:
    os.sched_setaffinity(0, cores)
    people = make_people()
    while True:
        try:
            seconds = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(play(people, "127.0.0.1", port, seconds))
        except Exception as error:  # told to the other side, which ends the run with it
            pipe.send(f"{type(error).__name__}: {error}")
