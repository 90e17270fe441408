"""Names say what a thing is; some may not be used at all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import list_modules, parse_module, shown

DRAWERS = re.compile(r"(^|_)(helpers?|utils?|common|misc|managers?|services?)(_|$)")
# The 12-digit number is never read, named or stored; "my number" names the card, in words, not the number in code.
TWELVE_DIGITS = re.compile(r"my_number(?!_card)|(?<![a-z])MyNumber(?!Card)|kojin_?bango|individual_?number")


def identifiers(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parse_module(path)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield node.id, line
        elif isinstance(node, ast.Attribute):
            yield node.attr, line
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg):
            yield node.arg, line
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, line
        elif isinstance(node, ast.alias):
            yield from ((part, line) for part in (node.asname or node.name).split("."))


def test_no_module_or_package_is_a_drawer() -> None:
    names = {path: (path.stem, path.parent.name) for path in list_modules()}
    assert [shown(path) for path, parts in names.items() if any(map(DRAWERS.search, parts))] == []


def test_no_function_or_class_is_named_for_a_drawer() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and re.search(r"(Manager|Service|Helper|Utils?)$|_(manager|service|helper|utils?)$", node.name)
    ]
    assert found == []


def test_the_twelve_digit_number_has_no_name_here() -> None:
    found = [
        f"{shown(path)}:{line} {name}"
        for path in list_modules()
        for name, line in identifiers(path)
        if TWELVE_DIGITS.search(name)
    ]
    assert found == []


def test_durations_and_moments_carry_their_unit() -> None:
    bare = {"timeout", "expires", "ttl", "lifetime", "max_age_"}
    found = [
        f"{shown(path)}:{node.lineno} {argument.arg}"
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.arg in bare
    ]
    assert found == []


def test_predicates_return_a_truth_value() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef)
        and re.match(r"_?(is|has)_", node.name)
        and (node.returns is None or not re.search("bool|TypeGuard|TypeIs", ast.unparse(node.returns)))
    ]
    assert found == []


def test_checks_raise_and_return_nothing_or_what_they_were_given() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in list_modules("idp")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("check_")
        and node.returns is not None
        and "bool" in ast.unparse(node.returns)
    ]
    assert found == []


def test_verified_types_are_made_in_one_place() -> None:
    made: dict[str, list[str]] = {}
    for path in list_modules("idp"):
        for node in ast.walk(parse_module(path)):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Verified"):
                made.setdefault(node.name, [])
            elif isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name.startswith("Verified"):
                    made.setdefault(name, []).append(f"{shown(path)}:{node.lineno}")
    assert {name: places for name, places in made.items() if len(places) != 1} == {}
    assert made
