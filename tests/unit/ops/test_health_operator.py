"""What the doctor says about a platform operator."""

from typing import Any

import pytest

from idp.ops.health_answer import HealthState
from idp.ops.health_operator import OperatorReply, ask_operator
from idp.settings.settings import Settings

OK, WARN, FAIL = HealthState.OK, HealthState.WARN, HealthState.FAIL
ANSWERED = OperatorReply(True, "unknown_certificate")
LATE = OperatorReply(False, "late")


def make_settings(*, revocation: tuple[str, ...] = (), **operator: Any) -> Settings:
    return Settings.model_validate(
        {
            "environment": "sandbox",
            "issuer": "http://localhost:8000",
            "operator_platform": {"name": "sandbox", "client_id": "c", "private_key_file": "key.pem", **operator},
            "jpki": {"revocation": list(revocation)},
        }
    )


def states(settings: Settings, reply: OperatorReply) -> dict[str, HealthState]:
    return {answer.key: answer.state for answer in ask_operator(settings, lambda _: reply)}


URL = "https://operator.example/v1"


@pytest.mark.parametrize("revocation", [("operator",), ("crl", "operator")])
def test_an_operator_that_answers_is_well(revocation: tuple[str, ...]) -> None:
    settings = make_settings(url=URL, linkage=True, revocation=revocation)
    assert states(settings, ANSWERED) == {"operator.linkage": OK, "operator.status": OK}


@pytest.mark.parametrize("reply", [LATE, OperatorReply(True, "unauthenticated"), OperatorReply(True, "good")])
def test_an_operator_that_does_not_answer_fails_unless_another_source_does(reply: OperatorReply) -> None:
    alone = make_settings(url=URL, linkage=True, revocation=("operator",))
    beside = make_settings(url=URL, linkage=True, revocation=("crl", "operator"))
    assert states(alone, reply) == {"operator.linkage": FAIL, "operator.status": FAIL}
    assert states(beside, reply) == {"operator.linkage": FAIL, "operator.status": WARN}


def test_only_what_is_in_use_is_asked() -> None:
    asked: list[str] = []

    def ask(operation: str) -> OperatorReply:
        asked.append(operation)
        return ANSWERED

    assert list(ask_operator(make_settings(), ask)) == []
    list(ask_operator(make_settings(url=URL, revocation=("operator",)), ask))
    assert asked == ["certificate-status"]
    assert [answer.state for answer in ask_operator(make_settings(url=URL), ask)] == [WARN]
