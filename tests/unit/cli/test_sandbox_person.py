"""What happens to a test person at the command line, and whom everybody then meets."""

import json
import signal
import subprocess
import sys

import httpx
import pytest

from idp.sandbox.installation import prepare_sandbox
from tests.unit.cli.conftest import CommandLine


def test_a_renewed_card_is_held_from_then_on_and_the_old_one_can_still_be_tried(idp: CommandLine) -> None:
    _, cards = prepare_sandbox(idp.directory / "sandbox", idp.now)
    before = cards["hanako"].user_authentication.serial
    idp.pass_time(seconds=5)
    assert idp.read("sandbox", "person", "renew", "hanako")["state"] == "renewed"
    assert cards["hanako"].user_authentication.serial != before
    refused = idp.run("sandbox", "card", "--person", "taro", "--socket", "0", "--generation", "old")
    assert refused.exit_code == 1


@pytest.mark.parametrize(
    "event", [("revoke",), ("move",), ("rename", "--name", "山田　花江"), ("bury",)], ids=lambda event: event[0]
)
def test_every_event_is_told_with_the_name_of_today(idp: CommandLine, event: tuple[str, ...]) -> None:
    told = idp.read("sandbox", "person", event[0], "hanako", *event[1:])
    assert told["name"] == ("山田 花江" if event[0] == "rename" else "山田 花子")


def test_nobody_and_the_dead_are_refused(idp: CommandLine) -> None:
    assert idp.run("sandbox", "person", "renew", "nobody").exit_code == 1
    idp.read("sandbox", "person", "bury", "hanako")
    assert idp.run("sandbox", "person", "renew", "hanako").exit_code == 1


@pytest.mark.enable_socket
def test_the_operator_is_a_process_that_answers_nobody_it_does_not_know(idp: CommandLine) -> None:
    program = "from idp.cli.main import main; main(prog_name='idp')"
    options = ["--config", str(idp.directory / "idp.toml"), "--json", "sandbox", "operator", "--port", "0"]
    process = subprocess.Popen([sys.executable, "-u", "-c", program, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            told += process.stdout.readline()
        answer = httpx.post(f"{json.loads(told)['url']}/linkage", json={}, trust_env=False)
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
