"""The tree as data: which files there are, and what they say."""

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON_ROOTS: Final = ("idp", "agent", "examples", "bench", "scripts", "migrations", "tests", "conf")
_GENERATED: Final = frozenset({"__pycache__", "node_modules", "var", "build", "dist"})


@cache
def list_files() -> tuple[Path, ...]:
    """Every file of the project: what git would put into a commit, or everything where this is no repository."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        paths = list(_walk(ROOT))
    return tuple(sorted(path for path in paths if path.is_file()))


def _walk(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name not in _GENERATED and not name.startswith(".")]
        yield from (Path(folder) / name for name in names)


@cache
def list_modules(root: str | None = None) -> tuple[Path, ...]:
    """The Python files, of one top folder or of all."""
    roots = (root,) if root else PYTHON_ROOTS
    return tuple(p for p in list_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in roots)


@cache
def parse_module(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def top_level_names(path: Path) -> set[str]:
    """What a module defines or assigns at its top, the members of its classes as ``Class.member``."""
    names: set[str] = set()
    for node in parse_module(path).body:
        names |= _names_of(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{member}" for inner in node.body for member in _names_of(inner)}
    return names


def _names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def shown(path: Path) -> str:
    """A path as a reader would type it."""
    return str(path.relative_to(ROOT))
