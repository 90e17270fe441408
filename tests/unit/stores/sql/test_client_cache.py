"""The clients kept in memory."""

from idp.oidc.client import Client
from idp.stores.sql.client_cache import CachedClientStore
from tests.contracts.records import CLIENT


class CountedStore:
    def __init__(self) -> None:
        self.client: Client | None = CLIENT
        self.asked: list[str] = []

    def find_client(self, client_id: str) -> Client | None:
        self.asked.append(client_id)
        return self.client


class SteppedClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_client_is_asked_for_once_until_the_answer_is_too_old() -> None:
    store, clock = CountedStore(), SteppedClock()
    cache = CachedClientStore(store, 5, clock)
    assert cache.find_client("client") == CLIENT
    clock.now += 4.9
    assert cache.find_client("client") == CLIENT
    assert len(store.asked) == 1
    clock.now += 0.1
    store.client = None
    assert cache.find_client("client") is None


def test_what_is_not_registered_is_not_kept() -> None:
    store = CountedStore()
    store.client = None
    cache = CachedClientStore(store, 5, SteppedClock())
    assert cache.find_client("stranger") is None
    store.client = CLIENT
    assert cache.find_client("stranger") == CLIENT


def test_with_zero_seconds_nothing_is_kept() -> None:
    store = CountedStore()
    cache = CachedClientStore(store, 0, SteppedClock())
    cache.find_client("client")
    cache.find_client("client")
    assert len(store.asked) == 2
