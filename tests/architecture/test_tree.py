"""What may not stand in any file: addresses of package registries, paths of one machine, what nobody finished."""

import re
import stat
import subprocess

import pytest

from tests.architecture.source_tree import ROOT, list_files, shown

TEXT = {
    "", ".py", ".md", ".toml", ".txt", ".in", ".html", ".css", ".po", ".json", ".sql", ".conf", ".yaml", ".yml", ".js",
    ".mjs", ".service", ".sh", ".xml", ".svg", ".desktop", ".mako", ".cfg", ".ini",
}  # fmt: skip
# Brackets around one letter, so that this file does not find itself.
REGISTRIES = re.compile(
    r"[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(org|com)|[y]arnpkg\.com|[d]eb\.debian\.org|[c]rates\.io"
    r"|[r]epo1?\.maven|[p]roxy\.golang|[r]egistry\.[a-z]+\.(org|com)"
)
MACHINE_PATHS = re.compile(r"/[r]oot/|/[h]ome/[a-z]|/[U]sers/[A-Za-z]|(?<![\w.])/[w]ork/")
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX+)\b")
SUPPRESSIONS = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)", re.IGNORECASE)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in list_files():
        if path.suffix not in TEXT or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{shown(path)}:{number}")
    return found


@pytest.mark.parametrize(
    "pattern", [REGISTRIES, MACHINE_PATHS, UNFINISHED], ids=["registries", "machine", "unfinished"]
)
def test_no_file_names_what_belongs_to_one_machine_or_one_day(pattern: re.Pattern[str]) -> None:
    assert lines_with(pattern) == []


def test_no_warning_is_silenced_without_naming_it() -> None:
    assert lines_with(SUPPRESSIONS) == []


def test_no_private_key_is_kept_but_the_published_one_of_the_test_vectors() -> None:
    found = {place.partition(":")[0] for place in lines_with(re.compile("-----BEGIN [A-Z ]*[P]RIVATE KEY"))}
    assert found <= {"docs/card-presenter-protocol-vectors.json"}


def test_scripts_can_be_started() -> None:
    scripts = [path for path in list_files() if path.parent in (ROOT / "scripts", ROOT / ".ci")]
    assert scripts
    assert [shown(path) for path in scripts if not path.suffix and not path.stat().st_mode & stat.S_IXUSR] == []


@pytest.mark.parametrize("script", [p for p in list_files() if p.parent in (ROOT / "scripts", ROOT / ".ci")], ids=shown)
def test_shell_scripts_can_be_parsed(script: object) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_ci_does_what_a_developer_does() -> None:
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("make test")
