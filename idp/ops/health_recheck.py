"""Is anybody asked again about the cards of which no list tells, and are the answers in time?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from idp.jpki.status_coverage import StatusCoverage
from idp.ops.health_answer import HealthAnswer, HealthState
from idp.ops.recheck_ports import KeptSerials
from idp.ops.recheck_report import RecheckReport, RecheckRun

_KEY: Final = "revocation.recheck"
# A source that is down for a quarter of an hour is nobody's business; cards are asked about every six hours.
_MOST_RUNS_THAT_LEAVE: Final = 3
# A sign-in is noted to the day.
_SEEN_WITHIN: Final = timedelta(days=1)


class KeptSerialCount(Protocol):
    """How many serial numbers are kept."""

    def count_kept_serials(self) -> KeptSerials:
        """Their number, when the first of them is or was due, and as of when each is known to have been good."""
        ...


@dataclass(frozen=True, slots=True)
class RecheckFacts:
    """What the doctor looks at; ``interval`` is None where the settings have nobody asked again.

    ``maximum_age`` is for how long a level rests on what is known of a card.
    """

    coverage: StatusCoverage
    interval: timedelta | None
    kept: KeptSerialCount
    report: RecheckReport
    maximum_age: timedelta


def ask_recheck(facts: RecheckFacts, now: datetime) -> Iterator[HealthAnswer]:
    """Whether a card that is revoked between two sign-ins is noticed; nothing where the lists tell of all."""
    if not facts.coverage.has_questions():
        return
    if facts.interval is None:
        yield HealthAnswer(HealthState.OK, _KEY, "off (jpki.recheck_seconds): a revoked card is noticed when shown")
        return
    kept = facts.kept.count_kept_serials()
    last = facts.report.find_last(now)
    overdue = timedelta() if kept.first_due_at is None else max(timedelta(), now - kept.first_due_at)
    # One about which nobody can say anything is never overdue, since it is asked about; so its age counts too.
    age = timedelta() if kept.first_known_at is None else now - kept.first_known_at
    is_behind = last is not None and last.runs_that_left > _MOST_RUNS_THAT_LEAVE
    # By then the oldest answer has twice the age that the settings want.
    is_old = age > facts.maximum_age + _SEEN_WITHIN
    is_late = overdue > facts.interval or is_old
    state = HealthState.WARN if is_late or is_behind else HealthState.OK
    text = f"{kept.count} cards, the first due {'now' if not overdue else f'since {_hours(overdue)}'}"
    if not kept.count:
        text = "no card has to be asked about"
    elif kept.first_due_at is not None and kept.first_due_at > now:
        text = f"{kept.count} cards, the first due in {_hours(kept.first_due_at - now)}"
    if is_old:
        text += f", one last known to be good {_hours(age)} ago"
    yield HealthAnswer(state, _KEY, f"{text}; {_describe_last(last, now)}")


def _describe_last(last: RecheckRun | None, now: datetime) -> str:
    if last is None:
        return "no run is remembered"
    outcome = last.outcome
    asked = outcome.good_count + outcome.revoked_count + outcome.held_count + outcome.unanswered_count
    left = f", left {outcome.left_count} for a later one" if outcome.left_count else ""
    return f"last run {_hours(now - last.ended_at)} ago asked about {asked}, {outcome.unanswered_count} in vain{left}"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
