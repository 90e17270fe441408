"""Every package states its law and holds nothing else; tests mirror the program."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, list_modules, parse_module, shown

PACKAGES = sorted({path.parent for path in list_modules("idp")})


@pytest.mark.parametrize("package", PACKAGES, ids=shown)
def test_package_holds_a_docstring_and_no_code(package: Path) -> None:
    init = package / "__init__.py"
    assert init.is_file()
    tree = parse_module(init)
    assert ast.get_docstring(tree)
    rest = [node for node in tree.body[1:] if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    assert rest == []


@pytest.mark.parametrize("package", [p for p in PACKAGES if p.parent == ROOT / "idp"], ids=shown)
def test_package_says_what_it_does_not_own_and_may_import(package: Path) -> None:
    text = " ".join((ast.get_docstring(parse_module(package / "__init__.py")) or "").lower().split())
    assert "not own" in text
    assert "import" in text


@pytest.mark.parametrize("path", list_modules("idp"), ids=shown)
def test_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(parse_module(path))


def test_public_functions_and_classes_say_what_they_establish() -> None:
    silent = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in list_modules("idp")
        for node in parse_module(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_unit_tests_mirror_the_program() -> None:
    astray = []
    for path in list_modules("tests"):
        parts = path.relative_to(ROOT).parts
        if parts[:2] == ("tests", "unit") and path.name.startswith("test_"):
            package = ".".join(("idp", *parts[2:-1]))
            # Under its folder a test is about that package, and so imports it or another test's fixture of it.
            imported = {n.module or "" for n in ast.walk(parse_module(path)) if isinstance(n, ast.ImportFrom)}
            own = (package, f"tests.{'.'.join(parts[1:-1])}")
            if not any(name == p or name.startswith(f"{p}.") for name in imported for p in own):
                astray.append(shown(path))
    assert astray == []


def test_unit_tests_lie_in_folders_that_the_program_has_too() -> None:
    folders = {path.parent for path in list_modules("tests") if "unit" in path.relative_to(ROOT).parts[1:2]}
    lonely = [f for f in folders if not (ROOT / "idp" / f.relative_to(ROOT / "tests" / "unit")).is_dir()]
    assert [shown(folder) for folder in sorted(lonely)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in list_modules("tests")}
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_test_names_are_unique_in_their_module() -> None:
    hidden = []
    for path in list_modules("tests"):
        names = [node.name for node in parse_module(path).body if isinstance(node, ast.FunctionDef)]
        hidden += [f"{shown(path)} {name}" for name in sorted(set(names)) if names.count(name) > 1]
    assert hidden == []
