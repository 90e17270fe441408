"""Connections between uses."""

import pytest

from idp.outage import StoreUnavailable
from idp.stores.sql.idle_connections import IdleConnections


class Connection:
    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_the_last_one_put_back_is_taken_first() -> None:
    idle = IdleConnections(Connection, 4, 0.0)
    first, second = idle.take(), idle.take()
    idle.put_back(first)
    idle.put_back(second)
    assert idle.take() is second
    assert idle.take() is first


def test_more_than_the_limit_is_an_outage_until_one_comes_back() -> None:
    idle = IdleConnections(Connection, 1, 0.0)
    taken = idle.take()
    with pytest.raises(StoreUnavailable):
        idle.take()
    idle.put_back(taken)
    assert idle.take() is taken


def test_a_broken_connection_takes_the_idle_ones_with_it() -> None:
    idle = IdleConnections(Connection, 2, 0.0)
    broken, resting = idle.take(), idle.take()
    idle.put_back(resting)
    idle.discard(broken)
    assert (broken.is_closed, resting.is_closed) == (True, True)
    assert idle.take() not in (broken, resting)


def test_a_connection_that_cannot_be_made_gives_its_place_back() -> None:
    attempts = []

    def connect() -> Connection:
        attempts.append(1)
        if len(attempts) == 1:
            raise StoreUnavailable("not there")
        return Connection()

    idle = IdleConnections(connect, 1, 0.0)
    with pytest.raises(StoreUnavailable):
        idle.take()
    assert idle.take() is not None


def test_a_child_process_starts_without_the_parents_connections() -> None:
    idle = IdleConnections(Connection, 1, 0.0)
    parents = idle.take()
    idle.forget()
    childs = idle.take()
    assert childs is not parents
    assert not parents.is_closed
