"""The error catalogues name every refusal in both languages, with cause and cure, in the words of the pages."""

import re
from pathlib import Path

import pytest

from idp.identity.errors import AttachRefusal
from idp.jpki.errors import Rejection, Unverifiable
from idp.oidc.errors import ErrorCode, OAuthError
from idp.presenter.message import CANCEL_REASONS
from idp.web.catalogue import load_catalogues
from idp.web.languages import Language
from idp.web.page_reason import PageReason
from idp.web.sandbox.request_outcome import TOLD_OUTCOMES
from tests.architecture.source_tree import ROOT
from tests.specs.reasons import DOCUMENTS, documents_as_they_should_be

REASONS = sorted({*Rejection, *Unverifiable, *CANCEL_REASONS, *PageReason, *AttachRefusal, *TOLD_OUTCOMES})


def section(path: str, number: int) -> list[list[str]]:
    """Cells of the tables under a numbered heading, heads left out."""
    text = Path(ROOT / path).read_text(encoding="utf-8")
    (body,) = re.findall(rf"^## {number}\. (.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in body.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("path", DOCUMENTS.values())
def test_reasons_are_told_in_the_words_of_the_pages(path: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == documents_as_they_should_be()[path], f"{path} is stale; run: make specs"


@pytest.mark.parametrize(("path", "number"), [("docs/errors.md", 8), ("docs/errors.ja.md", 2)])
def test_every_card_outcome_and_page_reason_is_there(path: str, number: int) -> None:
    listed = [row[0].strip("`") for row in section(path, number)]
    assert sorted(set(listed)) == REASONS
    assert all(len(row) == 3 and all(row) for row in section(path, number))


@pytest.mark.parametrize(("path", "number", "columns"), [("docs/errors.md", 6, 3), ("docs/errors.ja.md", 1, 4)])
def test_every_error_code_has_cause_and_cure(path: str, number: int, columns: int) -> None:
    rows = section(path, number)
    assert [row[0].strip("`") for row in rows] == list(ErrorCode)
    assert all(len(row) == columns and all(row) for row in rows)


@pytest.mark.parametrize(("language", "number", "columns"), [("en", 6, (1, 2)), ("ja", 1, (2, 3))])
def test_cause_and_cure_are_those_of_the_page(language: Language, number: int, columns: tuple[int, int]) -> None:
    """``/sandbox/errors`` says the same, without the marks of code."""
    catalogue = load_catalogues()[language]
    for row in section(DOCUMENTS[language], number):
        for part, column in zip(("cause", "cure"), columns, strict=True):
            key = f"client_error.{row[0].strip('`')}.{part}"
            assert catalogue.text(key) == row[column].replace("`", ""), f"{key}: say the same in idp/web/catalogues"


def test_statuses_of_the_japanese_table_are_those_of_the_english_one() -> None:
    english, japanese = (
        {row[0].strip("`"): re.findall(r"\d{3}", row[1]) for row in section(*table)}
        for table in (("docs/errors.md", 5), ("docs/errors.ja.md", 1))
    )
    assert japanese == english
    for code in ErrorCode:
        assert english[code][0] in ("303", str(OAuthError(code, "").status))


def test_the_two_languages_link_to_each_other() -> None:
    for path, other in zip(DOCUMENTS.values(), reversed(DOCUMENTS.values()), strict=True):
        assert f"({Path(other).name})" in (ROOT / path).read_text(encoding="utf-8")
