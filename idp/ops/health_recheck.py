"""Is anybody asked again about the cards of which no list tells, and are the answers in time?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from idp.jpki.status_coverage import StatusCoverage
from idp.ops.health_answer import HealthAnswer, HealthState
from idp.ops.recheck_ports import KeptSerials
from idp.ops.recheck_report import RecheckReport

_KEY: Final = "revocation.recheck"


class KeptSerialCount(Protocol):
    """How many serial numbers are kept."""

    def count_kept_serials(self) -> KeptSerials:
        """Their number, and when the first of them is or was due."""
        ...


@dataclass(frozen=True, slots=True)
class RecheckFacts:
    """What the doctor looks at; ``interval`` is None where the settings have nobody asked again."""

    coverage: StatusCoverage
    interval: timedelta | None
    kept: KeptSerialCount
    report: RecheckReport


def ask_recheck(facts: RecheckFacts, now: datetime) -> Iterator[HealthAnswer]:
    """Whether a card that is revoked between two sign-ins is noticed; nothing where the lists tell of all."""
    if not facts.coverage.has_questions():
        return
    if facts.interval is None:
        yield HealthAnswer(HealthState.OK, _KEY, "off (jpki.recheck_seconds): a revoked card is noticed when shown")
        return
    kept = facts.kept.count_kept_serials()
    overdue = timedelta() if kept.first_due_at is None else max(timedelta(), now - kept.first_due_at)
    # By then the oldest answer has twice the age that the settings want.
    state = HealthState.WARN if overdue > facts.interval else HealthState.OK
    text = f"{kept.count} cards, the first due {'now' if not overdue else f'since {_hours(overdue)}'}"
    if not kept.count:
        text = "no card has to be asked about"
    elif kept.first_due_at is not None and kept.first_due_at > now:
        text = f"{kept.count} cards, the first due in {_hours(kept.first_due_at - now)}"
    yield HealthAnswer(state, _KEY, f"{text}; {_describe_last(facts.report, now)}")


def _describe_last(report: RecheckReport, now: datetime) -> str:
    last = report.find_last(now)
    if last is None:
        return "no run is remembered"
    at, outcome = last
    asked = outcome.good_count + outcome.revoked_count + outcome.held_count + outcome.unanswered_count
    return f"last run {_hours(now - at)} ago asked about {asked}, {outcome.unanswered_count} in vain"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
