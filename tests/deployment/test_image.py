"""The container's steps, run where there is no engine: what is installed stands on its own."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

pytestmark = [pytest.mark.slow]


def run_python(prefix: Path, code: str, directory: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IDP_"))}
    command = [prefix / "bin" / "python", "-P", "-c", code]
    return subprocess.run(
        command, cwd=directory, env=environ, check=True, capture_output=True, text=True
    ).stdout.strip()


FIND = "from idp.resources import find_resource_directory as find; print(find({!r}))"


@pytest.mark.parametrize("name", ["templates", "migrations", "trust", "conf"])
def test_installed_program_finds_its_resources_in_the_wheel(installed_prefix: Path, tmp_path: Path, name: str) -> None:
    assert Path(run_python(installed_prefix, FIND.format(name), tmp_path)).is_relative_to(installed_prefix)


@pytest.mark.parametrize("name", ["templates", "migrations", "trust"])
def test_wheel_carries_every_resource_file_of_the_checkout(installed_prefix: Path, tmp_path: Path, name: str) -> None:
    installed = Path(run_python(installed_prefix, FIND.format(name), tmp_path))
    source = ROOT / "conf" / "trust" if name == "trust" else ROOT / name
    carried = {p.relative_to(installed) for p in installed.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert carried == {p.relative_to(source) for p in source.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_wheel_carries_style_sheet_and_catalogues(installed_prefix: Path, tmp_path: Path) -> None:
    package = Path(run_python(installed_prefix, "import idp; print(idp.__path__[0])", tmp_path))
    assert list(package.rglob("*.css"))
    assert len(list(package.rglob("*.po")) + list(package.rglob("*.mo"))) >= 2


def test_program_says_its_version(installed_prefix: Path, tmp_path: Path) -> None:
    said = subprocess.run([installed_prefix / "bin" / "idp", "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", said.stdout)


def test_image_runs_the_script_that_is_tested_here_and_nothing_else_of_its_own() -> None:
    runs = re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE)
    assert runs[0] == '["/src/scripts/docker-build-steps", "/src", "/opt/idp"]'
    assert [line.split()[0] for line in runs[1:]] == ["useradd"]


def test_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", DOCKERFILE, re.MULTILINE)


def test_image_is_built_from_what_the_wheel_needs_only() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    assert not any(line in ignore for line in ("!tests", "!conf", "!.git", "!var"))
