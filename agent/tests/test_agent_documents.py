"""What the README, the texts and the outcomes say of each other."""

import re
from pathlib import Path

import pytest

from mynumber_card_agent.cli import make_parser
from mynumber_card_agent.failure_text import describe_failure
from mynumber_card_agent.outcomes import MEANINGS, AgentError, Outcome
from mynumber_card_agent.texts import _TEXTS, has_text, say
from mynumber_card_agent.transaction import ACTIONS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PROTOCOL = (Path(__file__).parents[2] / "docs" / "card-presenter-protocol.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_outcome_with_its_status() -> None:
    listed = {name: int(status) for status, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", README, re.MULTILINE)}
    assert listed == {outcome.value: meaning.exit_status for outcome, meaning in MEANINGS.items()}


def test_outcomes_have_statuses_of_their_own() -> None:
    assert MEANINGS.keys() == set(Outcome)
    assert len({meaning.exit_status for meaning in MEANINGS.values()}) == len(Outcome)


def test_cancel_reasons_are_the_protocols() -> None:
    section = PROTOCOL.split("### 3.5")[1].split("## 4.")[0]
    reasons = set(re.findall(r"`(\w+)`", section.split("`reason` is one of")[1].split("so that")[0]))
    assert {meaning.cancel_reason for meaning in MEANINGS.values()} - {None} <= reasons


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_said_in_both_languages_and_unlike_any_other(outcome: Outcome) -> None:
    for language in ("ja", "en"):
        said = describe_failure(AgentError(outcome), language)
        assert said
        assert [describe_failure(AgentError(other), language) for other in Outcome].count(said) == 1


@pytest.mark.parametrize("key", _TEXTS)
def test_a_text_has_the_same_values_in_both_languages(key: str) -> None:
    japanese, english = _TEXTS[key]
    assert japanese
    assert english
    assert set(re.findall(r"{(\w+)}", japanese)) == set(re.findall(r"{(\w+)}", english))


def test_every_action_has_words() -> None:
    assert all(has_text(f"action_{action}") for action in ACTIONS)
    assert say("action_delete", "en") == "Delete your account"


def test_the_readme_lists_every_option_of_open() -> None:
    parser = make_parser()
    opening = next(a for a in parser._actions if a.dest == "command").choices["open"]  # type: ignore[index]
    names = {option for action in opening._actions for option in action.option_strings} - {"-h", "--help"}
    assert names == set(re.findall(r"^\| `(--[a-z-]+)", README, re.MULTILINE))


def test_a_refusal_names_the_reference_and_what_the_code_asks_of_the_person() -> None:
    said = describe_failure(AgentError(Outcome.CARD_REFUSED, code="revoked", reference="REF7"), "en")
    assert "revoked" in said
    assert "Reference: REF7" in said
