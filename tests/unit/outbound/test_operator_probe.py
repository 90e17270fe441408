"""A question about nobody tells whether an operator answers."""

import json

import httpx
import pytest

from idp.ops.health_operator import OperatorReply
from idp.outbound.operator_probe import probe_operator
from tests.unit.outbound.operator_double import Scene, answering


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (answering(404, error="unknown_certificate"), OperatorReply(True, "unknown_certificate")),
        (answering(401, error="unauthenticated"), OperatorReply(True, "unauthenticated")),
        (answering(state="not_ready"), OperatorReply(True, "not_ready")),
        (answering(state="山田花子"), OperatorReply(True, "garbage")),
        (answering(state=["known"]), OperatorReply(True, "garbage")),
        (httpx.ConnectError("refused"), OperatorReply(False, "network_ConnectError")),
        (httpx.ReadTimeout("late"), OperatorReply(False, "late")),
    ],
)
@pytest.mark.parametrize("operation", ["linkage", "certificate-status"])
def test_a_question_about_nobody_tells_whether_the_operator_answers(
    answer: object, reply: OperatorReply, operation: str
) -> None:
    assert probe_operator(Scene(answer).client, operation) == reply


def test_no_two_questions_are_about_the_same_certificate() -> None:
    scene = Scene(answering(404, error="unknown_certificate"))
    for _ in range(2):
        probe_operator(scene.client, "linkage")
    first, second = (json.loads(request.content) for request in scene.requests)
    assert first["certificate"]["serial"] != second["certificate"]["serial"]
    assert first["certificate"]["issuer_key_id"] != second["certificate"]["issuer_key_id"]
