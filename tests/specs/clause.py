"""Clauses of standards as docstrings and comments cite them: ``RFC 6749 §4.1.2, §4.1.3``, ``RFC 7636 appendix B``."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.architecture.source_tree import parse_module, shown

# A document is the run of capitalised words and numbers before the sign; of "as RFC 6749 §3.1" that is "RFC 6749".
_WORD: Final = r"[A-Z0-9][\w.-]*(?<!\.)"
_CITATION: Final = re.compile(
    rf"(?:(?P<document>{_WORD}(?: {_WORD})*|(?:presenter )?protocol|design|profile),? )?"
    r"(?:§(?P<section>\d+(?:\.\d+)*)|appendix (?P<appendix>[A-Z](?:\.\d+)*))"
)
_BEFORE_A_NAME: Final = re.compile(r"^(?:(?:Implements|Source|See|The|In|By|With|Without|OAuth 2\.0(?= M)) )+")
# Not standards: this project's own papers, of which only the protocol is published.
_OURS: Final = {"design": None, "protocol": "Card presenter protocol", "profile": "J-LIS profile"}


@dataclass(frozen=True, slots=True, order=True)
class Clause:
    """A section of a document: ``document`` as it is cited, ``section`` with its sign, ``§4.1.3`` or ``appendix B``."""

    document: str
    section: str

    def __str__(self) -> str:
        return f"{self.document} {self.section}"

    def sort_key(self) -> tuple[str, tuple[int, ...], str]:
        """RFCs by number, sections by theirs."""
        number = re.search(r"\d+$", self.document)
        document = f"RFC {number[0]:>5}" if number and self.document.startswith("RFC") else self.document
        return document, tuple(int(part) for part in re.findall(r"\d+", self.section)), self.section


@dataclass(frozen=True, slots=True)
class Remark:
    """A docstring or comment: where it stands (``path`` or ``path::symbol``) and what it says."""

    place: str
    text: str


def read_clauses(text: str, document: str | None = None) -> list[Clause]:
    """The clauses that a text cites, in order.

    Takes: document, the one that a section without a document's name belongs to at the beginning of the text.
    """
    found: list[Clause] = []
    text = " ".join(text.split())
    end = 0
    for match in _CITATION.finditer(text):
        if match["document"] is not None:
            document = _document(match["document"])
        if document is not None:
            if found and match["section"] and text[end : match.start()] == " to ":
                found += _between(found[-1], match["section"])
            section = f"§{match['section']}" if match["section"] else f"appendix {match['appendix']}"
            found.append(Clause(document, section))
        end = match.end()
    return found


def _document(named: str) -> str | None:
    if rfc := re.search(r"RFC \d+$", named):
        return rfc[0]
    last = named.rpartition(" ")[2]
    return _OURS[last] if last in _OURS else _BEFORE_A_NAME.sub("", named)


def _between(first: Clause, last: str) -> Iterator[Clause]:
    """The sections of a range: of ``§5.3 to §5.7`` the three between."""
    head, _, low = first.section.removeprefix("§").rpartition(".")
    last_head, _, high = last.rpartition(".")
    if head == last_head:
        prefix = f"{head}." if head else ""
        yield from (Clause(first.document, f"§{prefix}{number}") for number in range(int(low) + 1, int(high)))


@cache
def remarks(path: Path) -> tuple[Remark, ...]:
    """Every docstring and comment of a module, each with the outermost symbol it belongs to; methods by their class."""
    tree = parse_module(path)
    spans = [(node, name) for node, name in _symbols(tree)]
    found = [Remark(shown(path), ast.get_docstring(tree) or "")]
    found += [Remark(f"{shown(path)}::{name}", ast.get_docstring(node) or "") for node, name in spans]
    for line, text in _comments(path):
        inside = [name for node, name in spans if node.lineno <= line <= (node.end_lineno or node.lineno)]
        found.append(Remark("::".join([shown(path), *inside[-1:]]), text))
    return tuple(remark for remark in found if remark.text)


def _symbols(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node, node.name
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield inner, f"{node.name}.{inner.name}"


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    """Comments, those on lines after one another as one text, with the line of the first."""
    start, text, previous = 0, "", -1
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            if line != previous + 1 and text:
                yield start, text
                text = ""
            start = start if text else line
            text, previous = f"{text} {token.string.lstrip('#')}", line
    if text:
        yield start, text
