"""Are there clients that were never told of a logout, and that nobody tries to tell any more?"""

from collections.abc import Iterator
from typing import Final

from idp.ops.health_answer import HealthAnswer, HealthState
from idp.ops.logout_ports import DeadLogoutCounter

_KEY: Final = "logout.dead"
_NAMED: Final = 10


def ask_dead_logouts(deliveries: DeadLogoutCounter) -> Iterator[HealthAnswer]:
    """Whether deliveries of logouts were given up; names the clients with the most of them, and nobody signed out.

    A warning and no failure: people can sign in, and the client is what has to be mended.
    """
    counts = deliveries.count_dead_logouts()
    if not counts:
        yield HealthAnswer(HealthState.OK, _KEY, "no logout was given up")
        return
    worst = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    named = ", ".join(f"{client_id} {count}" for client_id, count in worst[:_NAMED])
    others = f" and {len(worst) - _NAMED} more clients" if len(worst) > _NAMED else ""
    text = f"{sum(counts.values())} given up: {named}{others}; see idp logout dead, then idp logout retry or drop"
    yield HealthAnswer(HealthState.WARN, _KEY, text)
