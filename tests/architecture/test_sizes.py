"""What fits on a screen can be read at once."""

import ast

from tests.architecture.source_tree import ROOT, list_modules, parse_module, shown

MODULE_LINES = 400
TEST_MODULE_LINES = 500
FUNCTION_LINES = 60
TEST_FUNCTION_LINES = 80


def test_modules_are_short() -> None:
    long = []
    for path in list_modules():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > (TEST_MODULE_LINES if "tests" in path.relative_to(ROOT).parts else MODULE_LINES):
            long.append(f"{shown(path)}: {lines}")
    assert long == []


def test_functions_are_short() -> None:
    long = []
    for path in list_modules():
        limit = TEST_FUNCTION_LINES if "tests" in path.relative_to(ROOT).parts else FUNCTION_LINES
        for node in ast.walk(parse_module(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
                if lines > limit:
                    long.append(f"{shown(path)}:{node.lineno} {node.name}: {lines}")
    assert long == []


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1
