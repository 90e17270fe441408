"""Page, machine-readable contract, client and simulator say the same."""

import re
from pathlib import Path

from idp.outbound.operator_client import REFUSALS
from idp.outbound.operator_person import PresentState
from idp.sandbox.operator.answers import PURPOSES
from idp.sandbox.operator.misbehaviour import MISBEHAVIOURS

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "platform-operator-api.md").read_text("utf-8")
OPENAPI = (DOCS / "platform-operator-api.openapi.yaml").read_text("utf-8")


def test_operations_are_the_same_everywhere() -> None:
    assert set(re.findall(r"^  /([a-z-]+):$", OPENAPI, re.MULTILINE)) == set(PURPOSES)
    assert set(re.findall(r"^### .*: `([a-z-]+)`$", PAGE, re.MULTILINE)) == set(PURPOSES)


def test_error_codes_are_the_same_everywhere() -> None:
    assert set(re.findall(r"^            - ([a-z_]+)$", OPENAPI, re.MULTILINE)) == REFUSALS
    assert set(re.findall(r"^\| 4\d\d \| `([a-z_]+)`", PAGE, re.MULTILINE)) == REFUSALS


def test_purposes_and_states_are_on_the_page_and_in_the_contract() -> None:
    words = {purpose for purposes in PURPOSES.values() for purpose in purposes} | set(PresentState)
    for text in (PAGE, OPENAPI):
        assert {word for word in words if not re.search(rf"\b{word}\b", text)} == set()


def test_every_misbehaviour_is_on_the_page() -> None:
    assert f"--misbehave {'|'.join(each for each in MISBEHAVIOURS if each != 'none')}" in PAGE
