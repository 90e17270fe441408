"""Why the process does not start: one line a key, for the operator."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right.

    ``key`` is dotted (``oidc.code_seconds``, ``jpki.crl[0].source``), ``text`` says what is expected and never repeats
    a secret, ``line`` counts from 1 in the file, None where the file has no such line.
    """

    key: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.key}: {self.text}"


class SettingsError(Exception):
    """The settings do not allow a start; every problem found is listed, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
