"""Makes ``docs/specs.md``: every requirement and every cited clause, its code and its tests; ``make specs`` runs it."""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.architecture.source_tree import ROOT, list_modules, parse_module, shown
from tests.specs.clause import Clause, read_clauses, remarks
from tests.specs.reasons import documents_as_they_should_be

DOCUMENT: Final = ROOT / "docs" / "specs.md"
REQUIREMENTS: Final = Path(__file__).with_name("requirements.toml")
# Where a clause that is cited must have a test: what a client can see of us.
_CITING: Final = ("idp/oidc/", "idp/assurance/")
_ID: Final = re.compile(r"\b[RUOF]\d{1,2}\b")
_ID_IN_NAME: Final = re.compile(r"_([ruof]\d{1,2})(?=_)")
_SECTIONS: Final = {
    "R": "RFC 9700 (BCP 240): security of OAuth 2.0, for an authorization server",
    "U": "Announced updates of BCP 240",
    "O": "OAuth 2.1, where it differs from OAuth 2.0",
    "F": "FAPI 2.0 Security Profile, authorization server",
}
_HEAD: Final = """\
# Which requirement is tested where

Made by `make specs` from `tests/specs/requirements.toml`, the docstrings and the tests; a test compares. Not by hand.

A requirement's tests carry its id in their name or docstring. A clause's tests cite it; in *italics* stand the tests of
the module that cites it, where no test names the clause itself.
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of ``requirements.toml``; ``reason`` is why it has no test, with the word for its state."""

    id: str
    wording: str
    code: tuple[str, ...]
    state: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class CitedClause:
    """A clause, where code cites it, the tests that cite it, and else those of the citing modules."""

    clause: Clause
    code: tuple[str, ...]
    tests: tuple[str, ...]
    tests_of_module: tuple[str, ...]


@cache
def read_requirements() -> tuple[Requirement, ...]:
    """The requirements in the order of their file."""
    table: dict[str, dict[str, Any]] = tomllib.loads(REQUIREMENTS.read_text(encoding="utf-8"))
    return tuple(_requirement(identifier, dict(row)) for identifier, row in table.items())


def _requirement(identifier: str, row: dict[str, Any]) -> Requirement:
    reasons = {state: row.pop(state) for state in ("not_applicable", "not_yet") if state in row}
    state, reason = next(iter(reasons.items()), ("", ""))
    code = tuple(row.pop("code", ()))
    made = Requirement(identifier, row.pop("wording"), code, state, reason, row.pop("note", ""))
    if row or len(reasons) > 1:
        raise ValueError(f"{identifier}: {', '.join([*row, *reasons])}")
    return made


def collected_modules() -> Iterator[Path]:
    """The modules that pytest collects."""
    return (path for path in list_modules("tests") if path.name.startswith("test_"))


@cache
def places_of_requirements() -> dict[str, tuple[str, ...]]:
    """By requirement: the tests, or whole modules of tests, that carry its id."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in collected_modules():
        for identifier in _ID.findall(ast.get_docstring(parse_module(path)) or ""):
            found[identifier].append(shown(path))
        for node in _tests(path):
            named = [name.upper() for name in _ID_IN_NAME.findall(node.name)]
            for identifier in dict.fromkeys([*named, *_ID.findall(ast.get_docstring(node) or "")]):
                found[identifier].append(f"{shown(path)}::{node.name}")
    return {identifier: tuple(places) for identifier, places in found.items()}


def _tests(path: Path) -> Iterator[ast.FunctionDef]:
    for node in parse_module(path).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


@cache
def cited_clauses() -> tuple[CitedClause, ...]:
    """Every clause that the client's half cites, sorted by document and section."""
    code = _citations(path for path in list_modules("idp") if shown(path).startswith(_CITING))
    tests = _citations(collected_modules())
    return tuple(
        CitedClause(clause, code[clause], tests.get(clause, ()), _tests_of_modules(code[clause]))
        for clause in sorted(code, key=Clause.sort_key)
    )


def _citations(paths: Iterable[Path]) -> dict[Clause, tuple[str, ...]]:
    found: dict[Clause, list[str]] = defaultdict(list)
    for path in paths:
        # A test under a standard's heading may cite its sections alone.
        named = read_clauses(ast.get_docstring(parse_module(path)) or "")
        heading = named[0].document if named else None
        for remark in remarks(path):
            for clause in read_clauses(remark.text, heading):
                found[clause].append(remark.place)
    return {clause: tuple(sorted(set(places))) for clause, places in found.items()}


def _tests_of_modules(places: Iterable[str]) -> tuple[str, ...]:
    """The unit tests of the modules; of a module without tests of its own, those that import it, or its users."""
    modules = frozenset(place.partition("::")[0] for place in places)
    mirrors = {str(Path("tests/unit", *Path(m).parts[1:-1], f"test_{Path(m).name}")) for m in modules}
    if present := sorted(path for path in mirrors if (ROOT / path).is_file()):
        return tuple(present)
    return tuple(_importing(modules, "tests") or _importing(frozenset(_importing(modules, "idp")), "tests"))


def _importing(modules: frozenset[str], root: str) -> list[str]:
    names = {module.removesuffix(".py").replace("/", ".") for module in modules}
    paths = collected_modules() if root == "tests" else iter(list_modules(root))
    return [shown(path) for path in paths if not names.isdisjoint(_imported(path))]


def _imported(path: Path) -> Iterator[str]:
    return (node.module or "" for node in parse_module(path).body if isinstance(node, ast.ImportFrom))


def write_table() -> str:
    """The document."""
    lines = [_HEAD]
    for letter, title in _SECTIONS.items():
        lines += [f"## {title}", "", "| id | requirement | code | tests |", "|---|---|---|---|"]
        lines += [_requirement_row(row) for row in read_requirements() if row.id[0] == letter]
        lines.append("")
    lines += ["## Cited clauses", "", "| clause | code | tests |", "|---|---|---|"]
    lines += [_clause_row(row) for row in cited_clauses()]
    return "\n".join(lines) + "\n"


def _requirement_row(row: Requirement) -> str:
    tests = _cell(places_of_requirements().get(row.id, ()))
    said = {"": row.note, "not_applicable": f"Does not apply: {row.reason}", "not_yet": f"Not offered: {row.reason}"}
    shown_tests = "<br>".join(part for part in (tests, said[row.state]) if part)
    return f"| {row.id} | {row.wording} | {_cell(row.code)} | {shown_tests} |"


def _clause_row(row: CitedClause) -> str:
    tests = _cell(row.tests) or "<br>".join(f"*`{path}`*" for path in row.tests_of_module)
    return f"| {row.clause} | {_cell(row.code)} | {tests} |"


def _cell(places: Iterable[str]) -> str:
    return "<br>".join(f"`{place}`" for place in places)


if __name__ == "__main__":
    for name, text in {shown(DOCUMENT): write_table(), **documents_as_they_should_be()}.items():
        (ROOT / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n")
