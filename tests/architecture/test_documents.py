"""The documents point at what is there, and the table of refusals is the enums'."""

import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from idp.audit import AuditEvent
from idp.jpki.profile import SANDBOX_ARC
from idp.oidc.errors import ErrorCode
from idp.presenter.errors import PresenterErrorCode
from idp.settings import production
from tests.architecture.source_tree import ROOT, list_files, shown, top_level_names

ARCHITECTURE = ROOT / "docs" / "architecture.md"
ERRORS = ROOT / "docs" / "errors.md"
POINTER = re.compile(r"`([\w/.-]+\.py)::([\w.]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ENUM = re.compile(r"^`([a-z_]+(?:\.[a-z_]+)+)\.([A-Z]\w+)`", re.MULTILINE)
CODE = re.compile(r"`([a-z_]+)`")


def documents() -> Iterator[Path]:
    return (path for path in list_files() if path.suffix == ".md")


def test_architecture_document_points_into_the_code() -> None:
    assert len(POINTER.findall(ARCHITECTURE.read_text(encoding="utf-8"))) >= 7


def test_every_pointer_in_a_document_resolves() -> None:
    dead = [
        f"{shown(document)}: {path}::{symbol}"
        for document in documents()
        for path, symbol in POINTER.findall(document.read_text(encoding="utf-8"))
        if not (ROOT / path).is_file() or symbol not in top_level_names(ROOT / path)
    ]
    assert dead == []


def test_every_link_between_documents_resolves() -> None:
    dead = [
        f"{shown(document)}: {target}"
        for document in documents()
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists()
    ]
    assert dead == []


def sections() -> dict[str, list[list[str]]]:
    """The tables of docs/errors.md by the enum that heads them: rows of cells."""
    found: dict[str, list[list[str]]] = {}
    for section in ERRORS.read_text(encoding="utf-8").split("\n## ")[1:]:
        rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
        if enum := ENUM.search(section):
            found[f"idp.{enum[1]}.{enum[2]}"] = [[cell.strip() for cell in row] for row in rows]
    return found


@pytest.mark.parametrize(
    "enum",
    [
        "idp.jpki.errors.Rejection",
        "idp.jpki.errors.Unverifiable",
        "idp.web.page_reason.PageReason",
        "idp.oidc.errors.ErrorCode",
        "idp.identity.errors.AttachRefusal",
    ],
)
def test_table_of_refusals_has_the_members_of_its_enum(enum: str) -> None:
    module, _, name = enum.rpartition(".")
    members: type[StrEnum] = getattr(importlib.import_module(module), name)
    listed = [row[0].strip("`") for row in sections()[enum]]
    assert sorted(listed) == sorted(members)


def test_statuses_in_the_tables_are_those_that_are_sent() -> None:
    from idp.web.page_reason import PAGE_STATUS

    stated = {row[0].strip("`"): int(row[1]) for row in sections()["idp.web.page_reason.PageReason"]}
    assert stated == {reason.value: status for reason, status in PAGE_STATUS.items()}


def test_codes_and_events_in_the_tables_exist() -> None:
    codes = {*ErrorCode, *PresenterErrorCode, *AuditEvent}
    rows = [row for enum, rows in sections().items() for row in rows if not enum.startswith("idp.jpki")]
    unknown = {code for row in rows for code in CODE.findall(row[-1]) if code not in codes}
    unknown |= {code for row in rows if len(row) == 5 for code in CODE.findall(row[2]) if code not in codes}
    assert unknown == set()


def test_settings_know_the_sandbox_by_the_arc_of_its_policies() -> None:
    assert production.SANDBOX_ARC == SANDBOX_ARC
