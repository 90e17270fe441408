"""Imports point down only, and the two halves do not know each other."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, list_modules, parse_module, shown


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def test_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_imports_inside_the_package_are_absolute() -> None:
    relative = [
        shown(path)
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert relative == []


@pytest.mark.parametrize("unwanted", ["authlib.integrations", "authlib.jose", "pickle", "xml.etree"])
def test_unwanted_modules_are_imported_nowhere_in_the_program(unwanted: str) -> None:
    found = [
        shown(path)
        for path in (*list_modules("idp"), *list_modules("agent"))
        for name in imported_names(path)
        if name == unwanted or name.startswith(f"{unwanted}.")
    ]
    assert found == []


def test_agent_is_written_from_the_protocol_and_imports_nothing_of_the_provider() -> None:
    found = [
        shown(path)
        for path in list_modules("agent")
        for name in imported_names(path)
        if name.partition(".")[0] == "idp"
    ]
    assert found == []


def test_program_imports_nothing_of_tests_examples_and_bench() -> None:
    outside = {"tests", "examples", "bench", "agent", "mynumber_card_agent", "scripts"}
    found = [
        shown(path)
        for path in list_modules("idp")
        for name in imported_names(path)
        if name.partition(".")[0] in outside
    ]
    assert found == []


def test_a_private_name_is_imported_by_no_other_module() -> None:
    found = [
        f"{shown(path)}: {alias.name}"
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("idp")
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert found == []
