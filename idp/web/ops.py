"""For those who watch the process: is it alive, can it take requests. Its numbers have a listener of their own."""

from idp.clock import Clock
from idp.ops.doctor import Patient, examine_readiness
from idp.ops.health_answer import HealthState, sum_up
from idp.web.http import Handler, Request, Response, json_response


def liveness(_: Request) -> Response:
    """200 as long as this process answers at all."""
    return json_response({"status": "alive"})


def readiness(patient: Patient, clock: Clock) -> Handler:
    """200 if a sign-in can go through here, 503 otherwise; names what is wrong by key, never how."""

    def answer(_: Request) -> Response:
        answers = examine_readiness(patient, clock())
        failed = [found.key for found in answers if found.state is HealthState.FAIL]
        is_ready = sum_up(answers) is not HealthState.FAIL
        return json_response(
            {"status": "ready" if is_ready else "not_ready", "failed": failed}, 200 if is_ready else 503
        )

    return answer
