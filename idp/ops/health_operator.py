"""Does the platform operator answer what this installation asks of it?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from idp.ops.health_answer import HealthAnswer, HealthState
from idp.settings.settings import Settings

# What an operator says about a certificate that nobody has: it could be reached, knows us, and may be asked.
_EXPECTED: Final = frozenset({"unknown_certificate", "not_ready", "unknown"})
_UNUSED: Final = "nothing is asked of it: set linkage, or name operator in jpki.revocation"


@dataclass(frozen=True, slots=True)
class OperatorReply:
    """What came of one question; ``code`` is the answer's state or error, or why there was none."""

    is_answer: bool
    code: str


def ask_operator(settings: Settings, ask: Callable[[str], OperatorReply]) -> Iterator[HealthAnswer]:
    """Whether each question that sign-ins put is answered; nothing where no operator is configured.

    Takes: ask, which puts the operation of this name about a certificate that does not exist.
    """
    section = settings.operator_platform
    if not section.url:
        return
    asks_status = "operator" in settings.jpki.revocation
    if section.linkage:
        yield _judge("operator.linkage", ask("linkage"), HealthState.FAIL)
    if asks_status:
        # Another source of status is asked where this one does not answer.
        is_alone = len(settings.jpki.revocation) == 1
        state = HealthState.FAIL if is_alone else HealthState.WARN
        yield _judge("operator.status", ask("certificate-status"), state)
    if not section.linkage and not asks_status:
        yield HealthAnswer(HealthState.WARN, "operator", _UNUSED)


def _judge(key: str, reply: OperatorReply, failing: HealthState) -> HealthAnswer:
    if reply.code in _EXPECTED:
        return HealthAnswer(HealthState.OK, key, "answers")
    if reply.is_answer:
        return HealthAnswer(failing, key, f"answers {reply.code} to a question about a certificate that nobody has")
    return HealthAnswer(failing, key, f"does not answer: {reply.code}")
