"""``idp doctor``: whether people can sign in, and what is about to keep them from it."""

from collections.abc import Iterator
from functools import partial

import click

from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.ops.doctor import examine
from idp.ops.health_answer import HealthAnswer, HealthState, sum_up
from idp.ops.health_operator import ask_operator
from idp.outbound.operator_probe import probe_operator


@click.command("doctor")
@json_option
@click.pass_obj
def doctor(session: Session) -> None:
    """Ask everything that can keep people from signing in.

    Ends with 1 if an answer is "fail"; warnings end with 0.
    """
    answers = (*examine(session.unchecked_parts.patient, session.now), *_ask_operator(session))
    members = [{"state": answer.state.value, "key": answer.key, "text": answer.text} for answer in answers]
    session.show(members, lay_out_table(["STATE", "QUESTION", "ANSWER"], [list(member.values()) for member in members]))
    if sum_up(answers) is HealthState.FAIL:
        failed = ", ".join(answer.key for answer in answers if answer.state is HealthState.FAIL)
        raise Refused(f"not healthy: {failed}")


def _ask_operator(session: Session) -> Iterator[HealthAnswer]:
    # Not among the doctor's own answers: readiness probes must not put questions to somebody else.
    operator = session.unchecked_parts.operator
    if operator is not None:
        yield from ask_operator(session.settings, partial(probe_operator, operator))
