"""Every outcome that a journal can have is shown; those of ours have a cause and a cure in both languages."""

import pytest

from idp.client_journal import ClientNote
from idp.web.catalogue import load_catalogues
from idp.web.languages import LANGUAGES, Language
from idp.web.sandbox.request_outcome import ERROR_CODES, TOLD_OUTCOMES, describe_note
from tests.unit.oidc.samples import NOW


def note(outcome: str, detail: str = "", where: str = "POST /token") -> ClientNote:
    return ClientNote("rp", NOW, where, outcome, detail, "REFERENCE2")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_a_cause_and_a_cure_and_no_other_has_one(language: Language) -> None:
    catalogue = load_catalogues()[language]
    worded = {f"client_error.{code}.{part}" for code in (*ERROR_CODES, *TOLD_OUTCOMES) for part in ("cause", "cure")}
    assert {key for key in catalogue.all_keys() if key.startswith("client_error.")} == worded


def test_no_word_means_two_things() -> None:
    assert len({*ERROR_CODES, *TOLD_OUTCOMES}) == len(ERROR_CODES) + len(TOLD_OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "is_answered", "is_refused", "is_worded"),
    [
        ("answered", True, False, False),
        ("invalid_grant", False, True, True),
        ("too_many_requests", False, True, True),
        ("constant_nonce", False, False, True),
        ("left_out", False, False, True),
        ("sign_in_expired", False, True, False),
    ],
)
def test_a_note_says_what_kind_of_outcome_it_is(
    outcome: str, is_answered: bool, is_refused: bool, is_worded: bool
) -> None:
    shown = describe_note(note(outcome))
    assert (shown["is_answered"], shown["is_refused"], shown["is_worded"]) == (is_answered, is_refused, is_worded)


def test_what_may_come_from_a_client_is_cut() -> None:
    shown = describe_note(note("x" * 101, "y" * 301, "z" * 101))
    assert (shown["outcome"], shown["detail"], shown["where"]) == ("x" * 100, "y" * 300, "z" * 100)
