"""The sandbox's verbs."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from idp.cli.card_reading import read_tapped_certificate
from idp.cli.start import make_sandbox
from tests.unit.cli.conftest import CommandLine

PRODUCTION = 'environment = "production"\nissuer = "https://idp.example"\n'


def test_the_first_start_makes_everything_and_the_second_changes_nothing(empty_idp: CommandLine) -> None:
    people = empty_idp.read("sandbox", "init")
    assert {"hanako", "revoked", "child"} <= {member["person"] for member in people}
    before = {path: path.read_bytes() for path in (empty_idp.directory / "sandbox" / "cast").rglob("*.der")}
    keys = empty_idp.read("key", "list")
    empty_idp.pass_time(seconds=1)
    make_sandbox(empty_idp.session())
    assert {path: path.read_bytes() for path in before} == before
    assert empty_idp.read("key", "list") == keys
    assert empty_idp.run("doctor").exit_code == 0


@pytest.mark.parametrize("arguments", [["init"], ["card", "--person", "hanako", "--socket", "0"]])
def test_production_has_no_sandbox(production: Callable[[str], CommandLine], arguments: list[str]) -> None:
    assert production(PRODUCTION).run("sandbox", *arguments).exit_code == 1


def test_a_revoked_card_is_on_the_list_at_once(idp: CommandLine) -> None:
    before = idp.read("job", "revocation-refresh")["lists"]
    idp.pass_time(seconds=5)
    idp.read("sandbox", "revoke", "--person", "hanako")
    idp.pass_time(seconds=5)
    after = idp.read("job", "revocation-refresh")["lists"]
    counts = [{outcome["authority"]: outcome["detail"] for outcome in outcomes} for outcomes in (before, after)]
    assert [count["user-authentication-2"] for count in counts] == ["1 entries", "2 entries"]


def test_an_unknown_person_is_refused_with_the_names_there_are(idp: CommandLine) -> None:
    result = idp.run("sandbox", "card", "--person", "nobody", "--socket", "0")
    assert result.exit_code == 1
    assert "hanako" in result.stderr


@pytest.mark.parametrize("options", [(), ("--socket", "0", "--vpcd", "35963")])
def test_a_card_is_held_to_exactly_one_reader(idp: CommandLine, options: tuple[str, ...]) -> None:
    assert idp.run("sandbox", "card", "--person", "hanako", *options).exit_code == 2


def test_a_card_without_a_command_format_is_refused(idp: CommandLine) -> None:
    assert idp.run("sandbox", "card", "--person", "next-card", "--socket", "0").exit_code == 1


@pytest.mark.enable_socket
def test_a_port_in_use_is_refused_and_a_missing_reader_could_not_be_found(idp: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert idp.run("sandbox", "card", "--person", "hanako", "--socket", port).exit_code == 1
    assert idp.run("sandbox", "card", "--person", "hanako", "--vpcd", port).exit_code == 3


@pytest.mark.enable_socket
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_card_lies_in_the_reader_until_it_is_taken_away(idp: CommandLine, signal_number: int) -> None:
    program = "from idp.cli.main import main; main(prog_name='idp')"
    options = ["--config", str(idp.directory / "idp.toml"), "--json", "sandbox", "card"]
    card = subprocess.Popen(
        [sys.executable, "-c", program, *options, "--person", "hanako", "--socket", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert card.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            told += card.stdout.readline()
        assert read_tapped_certificate(json.loads(told)["card"], is_sandbox=True).startswith(b"\x30\x82")
        card.send_signal(signal_number)
        assert card.wait(10) == 0
    finally:
        card.kill()
        card.communicate()
