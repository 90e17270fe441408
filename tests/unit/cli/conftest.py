"""One sandbox for the tests of the command line, copied for each so that they cannot meet."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from idp.cli.main import main
from idp.cli.session import Session
from idp.cli.start import make_sandbox
from idp.clock import system_clock

CONFIG = """
environment = "sandbox"
issuer = "http://localhost:8000"

[sandbox]
directory = "{directory}/sandbox"

[stores]
database = "sqlite:///{directory}/idp.sqlite3"
"""


@dataclass
class CommandLine:
    """The program as an operator runs it, in one installation."""

    directory: Path
    now: datetime

    def run(self, *arguments: str, environ: dict[str, str] | None = None) -> Result:
        """One run, with its exit code and output."""
        return CliRunner().invoke(main, arguments, obj=self.session(environ))

    def read(self, *arguments: str) -> Any:
        """A run that ends well, its ``--json`` output read."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def session(self, environ: dict[str, str] | None = None) -> Session:
        """What a run works on."""
        return Session(self.directory / "idp.toml", environ=environ or {}, clock=lambda: self.now)

    def pass_time(self, **duration: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(**duration)


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A run sends the log to the standard error of its time, which is closed when the test has ended."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def installed_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a whole sandbox in it."""
    directory = tmp_path_factory.mktemp("installed")
    make_sandbox(open_in(directory).session())
    return directory


def open_in(directory: Path) -> CommandLine:
    """An installation in a directory, its settings written."""
    (directory / "idp.toml").write_text(CONFIG.format(directory=directory), encoding="utf-8")
    return CommandLine(directory, system_clock())


@pytest.fixture
def idp(installed_sandbox: Path, tmp_path: Path) -> CommandLine:
    """A sandbox of this test's own."""
    shutil.copytree(installed_sandbox, tmp_path, dirs_exist_ok=True)
    return open_in(tmp_path)


@pytest.fixture
def empty_idp(tmp_path: Path) -> CommandLine:
    """Settings and nothing else."""
    return open_in(tmp_path)


@pytest.fixture
def production(tmp_path: Path) -> Callable[[str], CommandLine]:
    """Settings of a production that cannot start, for refusals."""

    def write(text: str) -> CommandLine:
        (tmp_path / "idp.toml").write_text(text, encoding="utf-8")
        return CommandLine(tmp_path, system_clock())

    return write
