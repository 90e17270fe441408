"""docs/specs.md says which requirement and which clause is tested where, and says the truth."""

import re

import pytest

from tests.architecture.source_tree import ROOT, top_level_names
from tests.specs.clause import Clause, read_clauses
from tests.specs.table import (
    DOCUMENT,
    Requirement,
    cited_clauses,
    places_of_requirements,
    read_requirements,
    write_table,
)

EXPECTED = [
    f"{letter}{number}" for letter, last in (("R", 26), ("U", 4), ("O", 7), ("F", 32)) for number in range(1, last + 1)
]


def test_the_table_is_what_make_specs_writes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == write_table(), "docs/specs.md is stale; run: make specs"


def test_every_requirement_of_the_check_list_is_there() -> None:
    assert [row.id for row in read_requirements()] == EXPECTED


@pytest.mark.parametrize("row", read_requirements(), ids=lambda row: row.id)
def test_a_requirement_has_a_test_or_a_reason_and_not_both(row: Requirement) -> None:
    tests = places_of_requirements().get(row.id, ())
    if row.state:
        assert tests == (), f"{row.id} has tests now: take {row.state} out of tests/specs/requirements.toml"
    else:
        assert tests, f"{row.id} has neither a test that carries its id nor a reason in tests/specs/requirements.toml"


def test_no_test_carries_the_id_of_a_requirement_that_does_not_exist() -> None:
    assert sorted(set(places_of_requirements()) - set(EXPECTED)) == []


def test_the_code_of_a_requirement_exists() -> None:
    for row in read_requirements():
        for place in row.code:
            path, _, symbol = place.partition("::")
            assert (ROOT / path).is_file(), place
            assert not symbol or symbol in top_level_names(ROOT / path), place


def test_every_cited_clause_has_a_test() -> None:
    assert [str(row.clause) for row in cited_clauses() if not row.tests and not row.tests_of_module] == []


def test_every_path_in_the_table_exists() -> None:
    paths = set(re.findall(r"`([\w/]+\.py)", DOCUMENT.read_text(encoding="utf-8")))
    assert len(paths) > 50
    assert [path for path in sorted(paths) if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Implements RFC 6749 §4.1.2, §4.1.3 and RFC 7636 §4.6.", "RFC 6749 §4.1.2|RFC 6749 §4.1.3|RFC 7636 §4.6"),
        ("as OIDC Core §3.1.2.1 (prompt), §3.1.2.3", "OIDC Core §3.1.2.1|OIDC Core §3.1.2.3"),
        ("OIDC4IDA §5.4 to §5.7: a value", "OIDC4IDA §5.4|OIDC4IDA §5.5|OIDC4IDA §5.6|OIDC4IDA §5.7"),
        ("RFC 7636 §4.1,\n    §4.2 and appendix B", "RFC 7636 §4.1|RFC 7636 §4.2|RFC 7636 appendix B"),
        ("OAuth 2.0 Multiple Response Types §2.1: an answer", "Multiple Response Types §2.1"),
        ("presenter protocol §3.2; design §10, §11", "Card presenter protocol §3.2"),
        ("§5.5, without a document", ""),
    ],
)  # fmt: skip
def test_clauses_are_read_from_prose(text: str, cited: str) -> None:
    assert "|".join(map(str, read_clauses(text))) == cited


def test_a_section_under_a_heading_belongs_to_its_document() -> None:
    assert read_clauses("§3.1.3.7: the audience", "OIDC Core") == [Clause("OIDC Core", "§3.1.3.7")]
