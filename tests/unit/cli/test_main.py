"""The program: its nouns, its exit codes, and what a failure looks like."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli.main import NOUNS, main
from tests.unit.cli.conftest import CommandLine


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_noun_explains_itself(noun: str) -> None:
    result = CliRunner().invoke(main, [noun, "--help"])
    assert result.exit_code == 0
    assert "Usage: idp" in result.output


def test_help_lists_every_noun() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    assert all(noun in output for noun in NOUNS)


@pytest.mark.parametrize("arguments", [["nonsense"], ["client", "nonsense"], ["client", "show"], ["--nonsense"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_settings_that_do_not_allow_a_start_end_with_1_and_name_the_line(
    production: Callable[[str], CommandLine],
) -> None:
    result = production('environment = "sandbox"\nissuer = "http://localhost:8000"\nnonsense = 1\n').run("doctor")
    assert result.exit_code == 1
    assert "line 3: nonsense" in result.stderr


def test_a_database_that_is_not_there_ends_with_3(empty_idp: CommandLine) -> None:
    result = empty_idp.run("db", "status")
    assert result.exit_code == 3
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [["--json", "client", "show", "nobody"], ["client", "show", "nobody", "--json"]])
def test_a_failure_is_json_where_the_output_is(idp: CommandLine, arguments: list[str]) -> None:
    result = idp.run(*arguments)
    assert result.exit_code == 1
    assert json.loads(result.stderr) == {"error": "refused", "message": "there is no client nobody"}


VERBS_ON_A_DATABASE = (
    ("account", "find", "--txn", "t"),
    ("audit", "verify"),
    ("client", "list"),
    ("job", "purge"),
    ("key", "rotate"),
    ("lookup-key", "list"),
)


@pytest.mark.parametrize("arguments", VERBS_ON_A_DATABASE)
def test_no_verb_works_on_the_database_of_another_issuer(idp: CommandLine, arguments: tuple[str, ...]) -> None:
    result = idp.run(*arguments, environ={"IDP_ISSUER": "http://localhost:9"})
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the database was made for sandbox at http://localhost:8000" in result.stderr


@pytest.mark.parametrize("arguments", [["client", "list"], ["doctor"]])
def test_a_directory_with_nothing_in_it_says_what_to_do_and_stays_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IDP_CONFIG", raising=False)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert f"looked for a sandbox in {tmp_path}/var/sandbox; idp serve or idp sandbox init makes one" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_ours_keeps_its_traceback(idp: CommandLine) -> None:
    session = idp.session()
    session.parts  # noqa: B018 - opens the installation

    class Broken:
        @property
        def client_administration(self) -> None:
            raise ZeroDivisionError

    session.__dict__["parts"] = Broken()
    result = CliRunner().invoke(main, ["client", "list"], obj=session)
    assert isinstance(result.exception, ZeroDivisionError)


def test_production_verbs_do_not_import_the_sandbox() -> None:
    # In a fresh interpreter, because this one has it.
    program = (
        "import sys, importlib\n"
        "from idp.cli.main import NOUNS\n"
        "[importlib.import_module(f'idp.cli.{module}') for module in NOUNS.values() if module != 'sandbox']\n"
        "sys.exit(any(name.startswith('idp.sandbox') for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
