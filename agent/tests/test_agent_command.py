"""The command as a person or a browser starts it: another process, real arguments, real exit statuses."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from build_vectors import HANDLE, SIGNING
from card_double import CardDouble
from provider_double import ProviderDouble

from mynumber_card_agent.links import make_tag
from mynumber_card_agent.outcomes import MEANINGS, Outcome

AGENT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "mynumber_card_agent")
pytestmark = pytest.mark.usefixtures("home")


def run(*arguments: str, pin: str = "1234\n") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(AGENT)}
    return subprocess.run(
        [*COMMAND, *arguments], input=pin, capture_output=True, text=True, timeout=60, env=environment, check=False
    )


def status_of(outcome: Outcome) -> int:
    return MEANINGS[outcome].exit_status


def options(card: CardDouble) -> Sequence[str]:
    return ("--card", card.choice, "--pin-stdin", "--print-return-url")


@pytest.mark.parametrize("prefix", [("open",), ()])
def test_a_link_is_answered_and_only_the_return_address_is_printed(
    provider: ProviderDouble, card: CardDouble, prefix: tuple[str, ...]
) -> None:
    assert run("issuer", "add", provider.issuer).returncode == 0
    done = run(*prefix, provider.link, *options(card))
    assert (done.returncode, done.stdout) == (0, provider.return_url + "\n")


def test_the_page_link_is_answered_too(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    assert run(f"{provider.issuer}/card#{HANDLE}", *options(card)).returncode == 0


def test_everything_is_shown_before_the_pin_with_the_redirect_host_first(
    provider: ProviderDouble, card: CardDouble
) -> None:
    provider.behaviour.transaction |= {
        "client_status": "unreviewed", "claims": ["name", "birthdate"], "statement": "First line\nSecond line",
        "acr": "urn:example:acr",
    }  # fmt: skip
    run("issuer", "add", provider.issuer)
    shown = run(provider.link, *options(card)).stderr
    order = [
        "library.example.jp", "City Library", "Sign in", provider.issuer, "First line", "Second line", "birthdate",
        "library", "https://library.example.jp/callback", "urn:example:acr", "tttt", "PIN tries left",
    ]  # fmt: skip
    assert [shown.index(text) for text in order[:6]] == sorted(shown.index(text) for text in order[:6])
    assert all(text in shown for text in order)
    assert "name not checked" in shown
    assert "1234" not in shown


def test_a_long_statement_cannot_push_the_host_off_the_screen(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.transaction["statement"] = "I agree." + "\n" * 1500 + "You are signing in to:\n  # good.example"
    run("issuer", "add", provider.issuer)
    lines = run(provider.link, *options(card)).stderr.splitlines()
    at_the_end = lines.index("You are signing in to:", 10)
    assert lines[at_the_end + 1].endswith("library.example.jp")
    assert "  | You are signing in to:" in lines


def test_the_language_is_the_transactions(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.transaction["locale"] = "ja"
    run("issuer", "add", provider.issuer)
    assert "サインイン先" in run(provider.link, *options(card)).stderr


def test_an_unknown_issuer_is_refused_without_network(provider: ProviderDouble, card: CardDouble) -> None:
    refused = run(provider.link, *options(card))
    assert refused.returncode == status_of(Outcome.UNKNOWN_ISSUER)
    assert provider.requests == []


def test_a_given_file_of_issuers_is_the_only_one_read(
    provider: ProviderDouble, card: CardDouble, tmp_path: Path
) -> None:
    run("issuer", "add", provider.issuer)
    file = tmp_path / "given.toml"
    file.write_text('issuers = ["https://login.example.jp"]')
    refused = run(provider.link, *options(card), "--issuers", str(file))
    assert refused.returncode == status_of(Outcome.UNKNOWN_ISSUER)
    file.write_text(f'issuers = ["{provider.issuer}"]')
    assert run(provider.link, *options(card), "--issuers", str(file)).returncode == 0


def test_a_simulated_card_is_refused_where_the_provider_is_no_sandbox(
    provider: ProviderDouble, card: CardDouble
) -> None:
    provider.behaviour.is_sandbox = False
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, *options(card))
    assert refused.returncode == status_of(Outcome.NOT_A_SANDBOX)
    assert (card.commands, "/card/open" in provider.paths()) == ([], False)


def test_plain_http_is_refused_where_the_provider_is_no_sandbox(provider: ProviderDouble) -> None:
    provider.behaviour.is_sandbox = False
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, "--card", "pcsc", "--pin-stdin", "--print-return-url")
    assert refused.returncode == status_of(Outcome.NOT_A_SANDBOX)


def test_a_wrong_pin_on_standard_input_spends_one_try_only(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, *options(card), pin="9999\n9998\n9997\n")
    assert refused.returncode == status_of(Outcome.WRONG_PIN)
    assert card.tries_left == 2
    assert "PIN tries left: 2" in refused.stderr
    assert "9999" not in refused.stderr


def test_a_signing_password_on_standard_input_signs(provider: ProviderDouble, card: CardDouble) -> None:
    card.signing_certificate = card.certificate
    provider.behaviour.purpose, provider.behaviour.transaction = "digital-signature", dict(SIGNING)
    run("issuer", "add", provider.issuer)
    done = run(provider.link, *options(card), pin="abc123\n")
    assert (done.returncode, done.stdout) == (0, provider.return_url + "\n")
    assert done.stderr.index(SIGNING["statement"][:40]) < done.stderr.index("Signing password tries left")


def test_a_wrong_signing_password_on_standard_input_spends_one_try_only(
    provider: ProviderDouble, card: CardDouble
) -> None:
    card.signing_certificate = card.certificate
    provider.behaviour.purpose, provider.behaviour.transaction = "digital-signature", dict(SIGNING)
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, *options(card), pin="WRONG1\nWRONG2\n")
    assert refused.returncode == status_of(Outcome.WRONG_PIN)
    assert (card.signing_tries_left, card.tries_left) == (4, 3)
    assert "Signing password tries left: 4" in refused.stderr
    assert "WRONG1" not in refused.stderr


def test_the_last_try_needs_the_flag(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    run("issuer", "add", provider.issuer)
    assert run(provider.link, *options(card)).returncode == status_of(Outcome.LAST_TRY)


def test_the_flag_uses_the_last_try(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    run("issuer", "add", provider.issuer)
    assert run(provider.link, *options(card), "--insist").returncode == 0


def test_no_pin_on_standard_input_is_cancelling(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    assert run(provider.link, *options(card), pin="").returncode == status_of(Outcome.CANCELLED)


def test_one_dialog_at_a_time(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    first = subprocess.Popen(
        [*COMMAND, provider.link, *options(card)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(AGENT)},
    )  # fmt: skip
    with first:
        assert first.stderr is not None
        while "PIN tries left" not in (line := first.stderr.readline()):
            assert line, "the first run ended early"
        assert run(provider.link, *options(card)).returncode == status_of(Outcome.BUSY)
        out, _ = first.communicate("1234\n", timeout=30)
    assert (first.returncode, out) == (0, provider.return_url + "\n")


def test_a_browser_command_gets_the_address_as_one_argument(
    provider: ProviderDouble, card: CardDouble, tmp_path: Path
) -> None:
    run("issuer", "add", provider.issuer)
    script = tmp_path / "my browser"
    script.write_text(
        f'#!/bin/sh\nprintf "%s|" "$@" > "{tmp_path}/opened.part"\nmv "{tmp_path}/opened.part" "{tmp_path}/opened"\n'
    )
    script.chmod(0o700)
    done = run(provider.link, "--card", card.choice, "--pin-stdin", "--browser", f"'{script}' --new-window")
    assert (done.returncode, done.stdout) == (0, "")
    opened = tmp_path / "opened"
    until = time.monotonic() + 10
    while not opened.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert opened.read_text() == f"--new-window|{provider.return_url}|"


def test_a_browser_that_is_not_there_is_said(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, "--card", card.choice, "--pin-stdin", "--browser", "no-such-browser")
    assert refused.returncode == status_of(Outcome.NO_BROWSER)


@pytest.mark.parametrize("link", ["", "mynumber-card:", "javascript:alert(1)", "mynumber-card:\n", "x" * 9000])
def test_what_is_no_link_is_refused(link: str) -> None:
    assert run("open", "--", link).returncode == status_of(Outcome.INVALID_LINK)


def test_a_link_cannot_smuggle_options() -> None:
    link = f"mynumber-card:{make_tag('https://login.example.jp')}.{HANDLE} --card socket:127.0.0.1:1"
    assert run("open", "--", *link.split(" ")).returncode == 2
    assert run("open", "--", "--pin-stdin").returncode == status_of(Outcome.INVALID_LINK)


@pytest.mark.parametrize("choice", ["socket:", "socket:10.0.0.1:1", "socket:127.0.0.1:x", "usb"])
def test_a_card_choice_that_means_nothing_is_a_fault_of_configuration(provider: ProviderDouble, choice: str) -> None:
    run("issuer", "add", provider.issuer)
    refused = run(provider.link, "--card", choice, "--pin-stdin", "--print-return-url")
    assert refused.returncode == status_of(Outcome.CONFIGURATION)


def test_issuers_are_added_listed_and_removed(tmp_path: Path) -> None:
    for issuer in ("https://login.example.jp", "https://id.example.org/a", "https://login.example.jp"):
        assert run("issuer", "add", issuer).returncode == 0
    assert run("issuer", "list").stdout == "https://login.example.jp\nhttps://id.example.org/a\n"
    assert run("issuer", "remove", "https://login.example.jp").returncode == 0
    assert run("issuer", "remove", "https://login.example.jp").returncode == status_of(Outcome.UNKNOWN_ISSUER)
    assert run("issuer", "list").stdout == "https://id.example.org/a\n"
    assert run("issuer", "add", "https://LOGIN.example.jp/").returncode == status_of(Outcome.CONFIGURATION)


def test_help_and_version_and_usage() -> None:
    assert run("--help").returncode == 0
    assert run("--version").stdout.strip().count(".") == 2
    assert run("issuer").returncode == 2
    assert run("open").returncode == 2


def wait_until_typing_counts(terminal: int, text: bytes) -> None:
    """What is typed before the echo is off is thrown away with whatever else was typed too early."""
    until = time.monotonic() + 10
    while b"(Ctrl-C" in text and termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < until:
        time.sleep(0.01)


def converse(arguments: Sequence[str], answers: dict[bytes, bytes]) -> tuple[int, bytes]:
    """Run the command on a terminal of its own, typing an answer after each text; the exit status and what was seen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PYTHONPATH"] = str(AGENT)
        os.execv(sys.executable, [*COMMAND, *arguments])
    seen, waiting, until = b"", dict(answers), time.monotonic() + 30
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        seen += part
        for text, answer in list(waiting.items()):
            if text in seen:
                del waiting[text]
                wait_until_typing_counts(terminal, text)
                os.write(terminal, answer)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


def test_at_a_terminal_the_pin_is_typed_without_echo(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    card.pin = b"7531"
    arguments = (provider.link, "--card", card.choice, "--print-return-url")
    status, seen = converse(arguments, {b"(4 digits) (Ctrl-C": b"7531\n"})
    assert status == 0
    assert b"7531" not in seen
    assert provider.return_url.encode() in seen


def test_ctrl_c_at_the_pin_cancels_and_tells_the_page(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    arguments = (provider.link, "--card", card.choice, "--print-return-url")
    status, _ = converse(arguments, {b"(4 digits) (Ctrl-C": b"\x03"})
    assert status == status_of(Outcome.CANCELLED)
    assert provider.cancel_reasons() == ["cancelled"]


def test_at_a_terminal_the_last_try_needs_a_typed_word(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    run("issuer", "add", provider.issuer)
    arguments = (provider.link, "--card", card.choice, "--print-return-url")
    assert converse(arguments, {b"Type insist": b"yes\n"})[0] == status_of(Outcome.LAST_TRY)


def test_at_a_terminal_the_typed_word_uses_the_last_try(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    run("issuer", "add", provider.issuer)
    arguments = (provider.link, "--card", card.choice, "--print-return-url")
    status, _ = converse(arguments, {b"Type insist": b"insist\n", b"(4 digits) (Ctrl-C": b"1234\n"})
    assert status == 0


def test_killed_while_asking_it_leaves_no_lock(provider: ProviderDouble, card: CardDouble) -> None:
    run("issuer", "add", provider.issuer)
    process = subprocess.Popen(
        [*COMMAND, provider.link, *options(card)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(AGENT)},
    )  # fmt: skip
    with process:
        assert process.stderr is not None
        while "PIN tries left" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGKILL)
    refused = run(provider.link, *options(card))
    assert refused.returncode == status_of(Outcome.REQUEST_REFUSED)
    assert re.search(r"Reference: R3", refused.stderr)
