"""Every reason has its own words in both languages, and ``docs/errors.md`` lists every reason."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from idp.audit import AuditEvent
from idp.identity.errors import AttachRefusal
from idp.jpki.errors import Rejection, Unverifiable
from idp.oidc.errors import ErrorCode
from idp.presenter.errors import PresenterErrorCode
from idp.presenter.message import CANCEL_REASONS
from idp.web.catalogue import load_catalogues
from idp.web.languages import LANGUAGES, Language
from idp.web.page_reason import PAGE_STATUS, PageReason
from idp.web.page_text import page_text

CATALOGUES = load_catalogues()
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "errors.md"
REASONS = sorted({*Rejection, *Unverifiable, *CANCEL_REASONS, *PageReason, *AttachRefusal})


def section(number: int) -> list[list[str]]:
    """The cells of one table of the document, backticks kept."""
    text = re.split(r"^## ", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)[number]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def code(cell: str) -> str:
    return cell.strip("`")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_says_what_happened_and_what_to_do(reason: str, language: Language) -> None:
    catalogue = CATALOGUES[language]
    told = page_text(reason, catalogue)
    assert told.title == catalogue.text(f"reason.{reason}.title")
    assert told.text
    assert told.next_steps


def test_no_text_is_left_for_a_reason_that_does_not_exist() -> None:
    told = {key.split(".")[1] for key in CATALOGUES["ja"].all_keys() if key.startswith("reason.")}
    assert told == set(REASONS)


def test_next_steps_are_numbered_without_a_gap() -> None:
    for reason in REASONS:
        keys = {key for key in CATALOGUES["ja"].all_keys() if key.startswith(f"reason.{reason}.next.")}
        assert len(keys) == len(page_text(reason, CATALOGUES["ja"]).next_steps)


SIGNING = {
    "wrong_pin",
    "locked",
    "no_certificate",
    "expired",
    "revoked",
    "wrong_purpose",
    "cancelled",
    "removed",
    "timeout",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", sorted(SIGNING))
def test_the_signing_step_speaks_of_its_own_certificate_and_password(reason: str, language: Language) -> None:
    told = page_text(reason, CATALOGUES[language], is_signing=True)
    assert told.title == CATALOGUES[language].text(f"signing.{reason}.title")
    assert told.text != page_text(reason, CATALOGUES[language]).text
    assert told.next_steps


def test_what_does_not_differ_at_the_signing_step_is_told_in_the_same_words() -> None:
    told = {key.split(".")[1] for key in CATALOGUES["ja"].all_keys() if key.startswith("signing.")}
    assert told == SIGNING
    for reason in set(REASONS) - SIGNING:
        assert page_text(reason, CATALOGUES["ja"], is_signing=True) == page_text(reason, CATALOGUES["ja"])


def test_an_unknown_reason_reads_as_a_fault_of_ours() -> None:
    assert page_text("../etc", CATALOGUES["en"]) == page_text("server_error", CATALOGUES["en"])


def test_every_page_reason_has_a_status() -> None:
    assert set(PAGE_STATUS) == set(PageReason)


@pytest.mark.parametrize(
    ("number", "reasons"),
    [(1, Rejection), (2, Unverifiable), (3, CANCEL_REASONS), (4, PageReason), (5, ErrorCode), (7, AttachRefusal)],
)
def test_the_document_lists_every_reason_once(number: int, reasons: type[StrEnum] | frozenset[str]) -> None:
    listed = [code(row[0]) for row in section(number)]
    assert sorted(listed) == sorted(str(reason) for reason in reasons)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 7])
def test_the_document_names_the_text_and_real_codes(number: int) -> None:
    real = {*Rejection, *Unverifiable, *ErrorCode, *PresenterErrorCode}
    for row in section(number):
        assert code(row[3]) == f"reason.{code(row[0])}"
        assert set(re.findall(r"`(\w+)`", row[2])) <= real


@pytest.mark.parametrize(("number", "status"), [(1, "422"), (2, "503"), (3, "200"), (7, "200")])
def test_the_document_states_the_presenters_status(number: int, status: str) -> None:
    assert {row[1] for row in section(number)} == {status}


def test_the_document_states_the_status_of_every_page() -> None:
    assert {code(row[0]): int(row[1]) for row in section(4)} == {str(r): status for r, status in PAGE_STATUS.items()}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7])
def test_the_document_names_audit_events_that_exist(number: int) -> None:
    for row in section(number):
        assert set(re.findall(r"`(\w+)`", row[-1])) <= set(AuditEvent)
