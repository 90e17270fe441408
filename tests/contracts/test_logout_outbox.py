"""The queue of logout tokens: each claimed by one, none lost, and nobody's backlog before everybody's first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from idp.ops.logout_ports import LogoutDelivery
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import LATER, MINUTE, NOW, make_client, register

SECOND = timedelta(seconds=1)


def owe(place: Place, database: Database, **counts: int) -> None:
    register(place.url, *(make_client(client_id=client_id) for client_id in counts))
    for client_id, count in counts.items():
        for number in range(count):
            database.write(
                "INSERT INTO logout_deliveries (delivery_id, client_id, sub, sid, created_at, due_at, tries, outcome,"
                " expires_at) VALUES (?, ?, 'sub', 'sid', ?, ?, 0, '', ?)",
                (f"{client_id}-{number:03}", client_id, *(int(NOW.timestamp()) + more for more in (0, 0, 86_400))),
            )


def claim(
    store: DurableStore, now: datetime = NOW, *, limit: int = 100, limit_a_client: int = 100
) -> tuple[LogoutDelivery, ...]:
    return store.claim_logout_deliveries(now, limit=limit, limit_a_client=limit_a_client, until=now + MINUTE)


def test_of_many_at_once_each_gets_other_deliveries(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=30, b=30)
    stores = [DurableStore(place.open()) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        claimed = [each.delivery_id for part in pool.map(lambda one: claim(one, limit=20), stores) for each in part]
    assert len(claimed) == len(set(claimed))
    claimed += [each.delivery_id for each in claim(store)]
    assert len(claimed) == len(set(claimed)) == 60


def test_each_clients_first_comes_before_anybodys_second(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=50, b=1, c=1)
    assert {each.client_id for each in claim(store, limit=3)} == {"a", "b", "c"}
    assert len(claim(store, limit_a_client=5)) == 5


def test_a_claim_that_nobody_finished_is_due_again(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=1)
    [first] = claim(store)
    assert (first.tries, claim(store), store.has_due_logout(NOW)) == (1, (), False)
    [second] = claim(store, LATER)
    assert second.tries == 2
    # The first one is slow, not dead: what it has to say comes too late.
    store.finish_logout_delivery(first.delivery_id, first.tries)
    store.postpone_logout_delivery(first.delivery_id, first.tries, LATER + MINUTE, "late")
    store.return_logout_delivery(first.delivery_id, first.tries, LATER)
    with store.writing() as writer:
        assert not writer.bury_logout_delivery(first.delivery_id, first.tries, "late", LATER)
    store.finish_logout_delivery(second.delivery_id, second.tries)
    assert store.list_logout_deliveries(is_dead=False, limit=9) == ()


def test_a_failure_lets_the_client_wait_and_nobody_else(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=3, b=1)
    [first, *_] = claim(store, limit=1)
    assert first.client_id == "a"
    store.postpone_logout_delivery(first.delivery_id, first.tries, LATER, "status_503")
    assert [each.client_id for each in claim(store)] == ["b"]
    assert claim(store, LATER - SECOND) == ()
    due = claim(store, LATER, limit_a_client=100)
    assert [(each.tries, each.outcome) for each in due if each.client_id == "a"] == [
        (2, "status_503"), (1, ""), (1, ""),
    ]  # fmt: skip


def test_what_was_not_tried_goes_back_uncounted(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=1)
    [claimed] = claim(store)
    store.return_logout_delivery(claimed.delivery_id, claimed.tries, NOW)
    assert claim(store) == (claimed,)


def test_a_client_that_answers_again_gets_what_waited(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=2, b=1)
    for each in claim(store):
        store.postpone_logout_delivery(each.delivery_id, each.tries, LATER, "unreachable")
    store.hasten_logout_deliveries("a", NOW)
    assert {each.client_id for each in claim(store)} == {"a"}


def test_a_delivery_under_way_is_not_hastened(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=1)
    assert claim(store)
    store.hasten_logout_deliveries("a", NOW)
    assert claim(store, NOW + SECOND) == ()


def test_a_dead_delivery_is_seen_revived_and_dropped(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=2)
    one, two = claim(store)
    with store.writing() as writer:
        assert writer.bury_logout_delivery(one.delivery_id, one.tries, "status_400", NOW)
    assert claim(store, LATER) != (one,)
    [dead] = store.list_logout_deliveries(is_dead=True, limit=9)
    assert (dead.delivery_id, dead.outcome, dead.dead_at) == (one.delivery_id, "status_400", NOW)
    assert store.list_logout_deliveries(is_dead=True, limit=9, client_id="b") == ()
    with store.writing() as writer:
        assert writer.retry_logout_delivery(dead.delivery_id, LATER) == "a"
        assert writer.drop_logout_delivery(two.delivery_id) == "a"
        assert writer.drop_logout_delivery(two.delivery_id) is None
        assert writer.retry_logout_delivery("unknown", LATER) is None
    [again] = claim(store, LATER)
    assert (again.delivery_id, again.tries, again.dead_at) == (one.delivery_id, 1, None)


@pytest.mark.parametrize("is_dead", [True, False])
def test_a_list_has_a_limit(is_dead: bool, place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=3)
    if is_dead:
        database.write("UPDATE logout_deliveries SET dead_at = 1")
    assert len(store.list_logout_deliveries(is_dead=is_dead, limit=2)) == 2


def test_what_was_given_up_is_counted_by_client(place: Place, store: DurableStore, database: Database) -> None:
    owe(place, database, a=3, b=1)
    assert store.count_dead_logouts() == {}
    claimed = claim(store)
    with store.writing() as writer:
        for delivery in claimed[:2]:
            assert writer.bury_logout_delivery(delivery.delivery_id, delivery.tries, "status_400", NOW)
    counts = store.count_dead_logouts()
    assert sum(counts.values()) == 2
    dead = store.list_logout_deliveries(is_dead=True, limit=9)
    assert counts == {name: len([each for each in dead if each.client_id == name]) for name in counts}
