"""The integration guides as data: their code blocks by language."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.source_tree import ROOT

FOLDER: Final = ROOT / "docs" / "integrate"
STACKS: Final = ("python", "node", "java", "go", "php", "dotnet")
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code_blocks(stack: str) -> Iterator[tuple[str, str]]:
    """(language, text) of every block of code of a guide, in order."""
    return ((block[1], block[2]) for block in _BLOCK.finditer(guide_file(stack).read_text(encoding="utf-8")))


def the_program(stack: str, language: str) -> str:
    """The one block of a language."""
    (program,) = [text for written, text in code_blocks(stack) if written == language]
    return program


def registration_command(stack: str) -> list[str]:
    """The arguments of ``idp`` in the one command with which a guide registers its client, quotation marks read."""
    (line,) = the_program(stack, "sh").strip().splitlines()
    words = re.findall(r'"([^"]*)"|(\S+)', line.removeprefix("idp "))
    return [quoted or plain for quoted, plain in words]


def guide_file(stack: str) -> Path:
    """Where a guide lies."""
    return FOLDER / f"{stack}.md"
