"""An answer about the health of the installation: data, printed by the command line and summed up by ``/readyz``."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class HealthState(StrEnum):
    """How much an answer matters: a failure stops sign-ins or will; a warning wants attention some day soon."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """One answer. ``key`` is constant and dotted, for monitoring; ``text`` is for the operator, without secrets."""

    state: HealthState
    key: str
    text: str


def sum_up(answers: Iterable[HealthAnswer]) -> HealthState:
    """The worst state among the answers; fine if there is none."""
    states = {answer.state for answer in answers}
    return next((state for state in (HealthState.FAIL, HealthState.WARN) if state in states), HealthState.OK)
