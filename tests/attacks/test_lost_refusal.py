"""A refusal whose answer was lost: the identical body gets it again, costs nothing, and helps nobody else."""

import json

import pytest

from tests.attacks.refusals import assert_card_refused, assert_refused
from tests.support.presenter_double import PresenterDouble


def spoilt(presenter: PresenterDouble) -> dict[str, str]:
    return presenter.proof(algorithm="none")


def send(presenter: PresenterDouble, proof: dict[str, str]) -> tuple[int, dict[str, object]]:
    answer = presenter.call("proof", json.dumps(proof).encode())
    return answer.status_code, answer.get_json()


def test_the_identical_body_gets_the_same_answer_and_costs_no_try(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = spoilt(presenter)
    first = send(presenter, proof)
    assert first[0] == 422
    assert {"error", "next_nonce", "tries_left", "reference"} == first[1].keys()
    for _ in range(7):
        assert send(presenter, proof) == first
    presenter.nonce = str(first[1]["next_nonce"])
    assert presenter.prove().status_code == 200


def test_the_answer_that_ended_the_transaction_is_given_again(presenter: PresenterDouble) -> None:
    presenter.open()
    for _ in range(4):
        presenter.prove(spoilt(presenter))
    proof = spoilt(presenter)
    last = send(presenter, proof)
    assert (last[1]["tries_left"], last[1]["next_nonce"]) == (0, "")
    assert send(presenter, proof) == last
    assert_refused(presenter.prove(presenter.proof(presenter="other/1")), 410, "transaction_ended")
    assert_refused(presenter.cancel(), 410, "transaction_ended")
    assert send(presenter, proof) == last


@pytest.mark.parametrize("change", [{"presenter": "other/1"}, {"algorithm": "RS256"}])
def test_any_other_body_is_another_try(presenter: PresenterDouble, change: dict[str, str]) -> None:
    presenter.open()
    proof = spoilt(presenter)
    send(presenter, proof)
    assert send(presenter, proof | change)[1]["tries_left"] == 3


def test_an_older_refusal_is_not_given_again(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = spoilt(presenter)
    send(presenter, proof)
    presenter.prove(presenter.proof(algorithm="HS256"))
    assert_card_refused(presenter.call("proof", json.dumps(proof).encode()), "unsupported_algorithm")


def test_after_a_cancellation_it_is_over(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = spoilt(presenter)
    send(presenter, proof)
    presenter.cancel()
    assert_refused(presenter.call("proof", json.dumps(proof).encode()), 410, "transaction_ended")
