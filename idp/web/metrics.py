"""Numbers for those who watch: requests by route and status, and what limits said.

They are shown on a listener of their own.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from prometheus_client import Counter

_REQUESTS: Final = Counter("idp_requests_total", "Requests answered, by route and status.", ["route", "status"])
_LIMITED: Final = Counter(
    "idp_limited_requests_total",
    "Requests counted against a limit, by group, for whom they were counted, and outcome.",
    ["group", "counted_by", "outcome"],
)


@lru_cache(maxsize=128)
def _limited(group: str, counted_by: str, outcome: str) -> Counter:
    return _LIMITED.labels(group, counted_by, outcome)


def count_limited(group: str, counted_by: str, outcome: str) -> None:
    """Count one decision of a limit; none of the labels names a client or an address."""
    _limited(group, counted_by, outcome).inc()


def count_request(route: str) -> Callable[[int], None]:
    """A counter of one route's answers; its children are bound once, because labels cost more than counting."""

    @lru_cache(maxsize=32)
    def child(status: int) -> Counter:
        return _REQUESTS.labels(route, str(status))

    def count(status: int) -> None:
        child(status).inc()

    return count
