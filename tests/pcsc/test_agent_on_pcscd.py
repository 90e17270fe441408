"""The desktop agent on a real PC/SC stack: pcscd, a virtual reader, the sandbox's card; the agent runs by itself.

The provider is the agent's own double, for here the card's edge is judged; the journeys have the real one.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from idp.sandbox.card.application import JpkiCard
from tests.support.pcscd import RunningPcscd
from tests.support.virtual_card import (
    PIN,
    SHA256_DIGEST_INFO,
    SIGNING_PASSWORD,
    card_contents,
    new_card,
    select,
    sign,
)

pytestmark = [pytest.mark.pcsc, pytest.mark.serial, pytest.mark.enable_socket]

AGENT = Path(__file__).parents[2] / "agent"

# Another program on the machine, such as a browser with a PKCS#11 module: it keeps the card connected, then tries to
# sign without a PIN once the agent has finished.
_ONLOOKER = """\
import sys
from smartcard.scard import *
share = SCARD_SHARE_EXCLUSIVE if sys.argv[1] == "exclusive" else SCARD_SHARE_SHARED
_, context = SCardEstablishContext(SCARD_SCOPE_USER)
_, readers = SCardListReaders(context, [])
reader = [r for r in readers if r.endswith("00 00")][0]
code, card, protocol = SCardConnect(context, reader, share, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
assert code == SCARD_S_SUCCESS, SCardGetErrorMessage(code)
print("connected", flush=True)
for line in sys.stdin:
    header = SCARD_PCI_T0 if protocol == SCARD_PROTOCOL_T0 else SCARD_PCI_T1
    code, response = SCardTransmit(card, header, list(bytes.fromhex(line.strip())))
    while code == SCARD_W_RESET_CARD:
        print("reset", flush=True)
        code, protocol = SCardReconnect(card, share, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD)
        code, response = SCardTransmit(card, header, list(bytes.fromhex(line.strip())))
    print(bytes(octet & 0xFF for octet in response).hex()[-4:], flush=True)
"""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(AGENT / "tests"))
    with importlib.import_module("provider_double").ProviderDouble() as double:
        (tmp_path / "issuers.toml").write_text(f'issuers = ["{double.issuer}"]')
        yield double


@pytest.fixture
def declaring_provider(provider: Any) -> Any:
    """A provider that asks for the digital signature certificate."""
    provider.behaviour.purpose = "digital-signature"
    provider.behaviour.transaction = dict(importlib.import_module("build_vectors").SIGNING)
    return provider


@contextmanager
def started_agent(
    pcscd: RunningPcscd, provider: Any, tmp_path: Path, options: Sequence[str]
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "mynumber_card_agent", "open", provider.link, "--pin-stdin", "--print-return-url"]
    environment = pcscd.environment | {"PYTHONPATH": str(AGENT), "HOME": str(tmp_path), "LANG": "C"}
    process = subprocess.Popen(
        [*command, "--issuers", str(tmp_path / "issuers.toml"), *options],
        env={name: value for name, value in environment.items() if not name.startswith("XDG_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def run_agent(
    pcscd: RunningPcscd, provider: Any, tmp_path: Path, *options: str, pin: str = PIN
) -> tuple[int | None, str, str]:
    with started_agent(pcscd, provider, tmp_path, options) as agent:
        out, err = agent.communicate(f"{pin}\n", timeout=60)
    return agent.returncode, out, err


def read_until(agent: subprocess.Popen[str], text: str) -> None:
    assert agent.stderr is not None
    while text not in (line := agent.stderr.readline()):
        assert line, "the agent ended early"


@contextmanager
def onlooker(pcscd: RunningPcscd, share: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _ONLOOKER, share],
        env=pcscd.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        yield process


def ask(program: subprocess.Popen[str], command: bytes) -> list[str]:
    """The status word that a command of the onlooker got, after the resets it had to take note of."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{command.hex()}\n")
    program.stdin.flush()
    answers = [program.stdout.readline().strip()]
    while answers[-1] == "reset":
        answers.append(program.stdout.readline().strip())
    return answers


@pytest.mark.parametrize("kind", ["card", "phone"])
def test_a_card_in_a_reader_signs_in(pcscd: RunningPcscd, provider: Any, tmp_path: Path, kind: Any) -> None:
    card_in_reader = pcscd.insert(new_card(kind))

    status, printed, said = run_agent(pcscd, provider, tmp_path)
    card_in_reader.close()

    assert (status, printed) == (0, f"{provider.return_url}\n"), said


@pytest.mark.parametrize("kind", ["card", "phone"])
def test_the_signing_key_of_a_card_in_a_reader_signs_a_declaration(
    pcscd: RunningPcscd, declaring_provider: Any, tmp_path: Path, kind: Any
) -> None:
    card_in_reader = pcscd.insert(new_card(kind))

    status, printed, said = run_agent(pcscd, declaring_provider, tmp_path, pin=SIGNING_PASSWORD.lower())
    card_in_reader.close()

    assert (status, printed) == (0, f"{declaring_provider.return_url}\n"), said
    assert said.index("The statement you sign") < said.index("Signing password tries left")


def test_a_wrong_signing_password_is_said_and_spends_one_try(
    pcscd: RunningPcscd, declaring_provider: Any, tmp_path: Path
) -> None:
    card_in_reader = pcscd.insert(new_card())

    status, _, said = run_agent(pcscd, declaring_provider, tmp_path, pin="WRONG1")
    card_in_reader.close()

    assert (status, "Signing password tries left: 4" in said) == (14, True), said
    assert declaring_provider.cancel_reasons() == ["wrong_pin"]


def test_the_card_of_a_child_has_no_signing_certificate_and_is_told_so_before_the_password(
    pcscd: RunningPcscd, declaring_provider: Any, tmp_path: Path
) -> None:
    of_a_child = JpkiCard(card_contents(with_signature=False), pin=PIN, signing_password=None)
    card_in_reader = pcscd.insert(of_a_child)

    status, _, said = run_agent(pcscd, declaring_provider, tmp_path, pin=SIGNING_PASSWORD)
    card_in_reader.close()

    assert (status, "under fifteen" in said, "Signing password tries left" in said) == (13, True, False), said
    assert declaring_provider.cancel_reasons() == ["no_certificate"]


def test_after_a_sign_in_no_other_program_finds_the_card_open(
    pcscd: RunningPcscd, provider: Any, tmp_path: Path
) -> None:
    card_in_reader = pcscd.insert(new_card())
    application = bytes.fromhex("00A4040C0AD392F000260100000001")
    with onlooker(pcscd, "shared") as program:
        status, _, said = run_agent(pcscd, provider, tmp_path)
        assert status == 0, said
        assert ask(program, application) == ["reset", "9000"]
        assert ask(program, select(0x0017)) == ["9000"]
        assert ask(program, sign(SHA256_DIGEST_INFO + bytes(32))) == ["6982"]
        program.communicate()
    card_in_reader.close()


def test_a_reader_that_another_program_holds_alone_is_said(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    card_in_reader = pcscd.insert(new_card())
    with onlooker(pcscd, "exclusive") as program:
        status, _, said = run_agent(pcscd, provider, tmp_path)
        program.communicate()
    card_in_reader.close()

    assert status == 22, said


def test_a_wrong_pin_is_said_and_spends_one_try(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    card_in_reader = pcscd.insert(new_card())

    status, _, said = run_agent(pcscd, provider, tmp_path, pin="9999")
    card_in_reader.close()

    assert (status, "PIN tries left: 2" in said) == (14, True), said
    assert provider.cancel_reasons() == ["wrong_pin"]


def test_a_card_that_comes_late_is_waited_for(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    with started_agent(pcscd, provider, tmp_path, ["--timeout", "30"]) as agent:
        read_until(agent, "Put the card on the reader.")
        card_in_reader = pcscd.insert(new_card())
        printed, said = agent.communicate(f"{PIN}\n", timeout=60)
    card_in_reader.close()

    assert (agent.returncode, printed) == (0, f"{provider.return_url}\n"), said


def test_an_empty_reader_is_said_after_the_time_out(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    status, _, said = run_agent(pcscd, provider, tmp_path, "--timeout", "1")

    assert status == 11, said
    assert provider.cancel_reasons() == ["no_card"]


def test_a_reader_of_no_such_name_is_said(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    status, _, said = run_agent(pcscd, provider, tmp_path, "--card", "pcsc:No Such Reader")

    assert status == 10, said
    assert provider.cancel_reasons() == ["no_reader"]


def test_no_pcscd_is_said(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    pcscd.environment["PCSCLITE_CSOCK_NAME"] = os.devnull

    status, _, said = run_agent(pcscd, provider, tmp_path)

    assert status == 10, said


def test_a_card_taken_away_while_the_person_reads_is_said(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    card_in_reader = pcscd.insert(new_card())
    with started_agent(pcscd, provider, tmp_path, []) as agent:
        read_until(agent, "PIN tries left")
        card_in_reader.close()
        pcscd.wait_until_empty()
        _, said = agent.communicate(f"{PIN}\n", timeout=60)

    assert agent.returncode == 16, said
    assert provider.cancel_reasons() == ["removed"]


def test_a_card_taken_away_while_it_works_is_said(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    card_in_reader = pcscd.insert(new_card(), delay_seconds=0.3)
    with started_agent(pcscd, provider, tmp_path, []) as agent:
        read_until(agent, "PIN tries left")
        assert agent.stdin is not None
        agent.stdin.write(f"{PIN}\n")
        agent.stdin.flush()
        read_until(agent, "Signing.")
        card_in_reader.close()
        _, said = agent.communicate(timeout=60)

    assert agent.returncode == 16, said
    assert provider.cancel_reasons() == ["removed"]


def test_a_slow_card_signs_in(pcscd: RunningPcscd, provider: Any, tmp_path: Path) -> None:
    card_in_reader = pcscd.insert(new_card(), delay_seconds=0.25)

    status, _, said = run_agent(pcscd, provider, tmp_path)
    card_in_reader.close()

    assert status == 0, said
