"""Numbers for those who watch: requests by route and status. They are shown on a listener of their own."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from prometheus_client import Counter

_REQUESTS: Final = Counter("idp_requests_total", "Requests answered, by route and status.", ["route", "status"])


def count_request(route: str) -> Callable[[int], None]:
    """A counter of one route's answers; its children are bound once, because labels cost more than counting."""

    @lru_cache(maxsize=32)
    def child(status: int) -> Counter:
        return _REQUESTS.labels(route, str(status))

    def count(status: int) -> None:
        child(status).inc()

    return count
