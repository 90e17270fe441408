"""Reading a certificate off a card: what a card may answer, and what it may not make us do."""

import contextlib
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.cli.card_reading import read_certificate, read_tapped_certificate
from idp.cli.failure import Refused, Undetermined

OK = b"\x90\x00"
CERTIFICATE = b"\x30\x82\x02\x58" + bytes(range(200)) * 3


def card(files: bytes) -> Callable[[bytes], bytes]:
    def transmit(command: bytes) -> bytes:
        if command[1] != 0xB0:
            return OK
        offset = command[2] << 8 | command[3]
        return files[offset : offset + 256] + OK

    return transmit


def test_a_certificate_longer_than_one_answer_is_read_whole_and_no_further() -> None:
    assert read_certificate(card(CERTIFICATE + b"padding")) == CERTIFICATE


def refuse(instruction: int, parameter: int) -> Callable[[bytes], bytes]:
    def transmit(command: bytes) -> bytes:
        if command[1] == instruction and command[2] == parameter:
            return b"\x69\x82"
        return card(CERTIFICATE)(command)

    return transmit


@pytest.mark.parametrize(("instruction", "parameter"), [(0xA4, 0x04), (0xA4, 0x02), (0xB0, 0x00), (0xB0, 0x01)])
def test_a_refusal_of_the_card_at_any_step_is_a_refusal(instruction: int, parameter: int) -> None:
    with pytest.raises(Refused):
        read_certificate(refuse(instruction, parameter))


@pytest.mark.parametrize("content", [b"", b"\x30", b"\x30\x82\x01", b"\xff" * 300, b"\x30\x82\xff\xff" + bytes(300)])
def test_what_is_no_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_certificate(card(content))


@given(st.lists(st.binary(min_size=0, max_size=300), min_size=1, max_size=8))
def test_no_card_makes_us_raise_anything_else_or_read_for_ever(answers: list[bytes]) -> None:
    calls = []

    def transmit(command: bytes) -> bytes:
        calls.append(command)
        return answers[len(calls) % len(answers)]

    with contextlib.suppress(Refused):
        assert len(read_certificate(transmit)) <= 8192
    assert len(calls) <= 8192


@pytest.mark.parametrize("reader", ["socket:127.0.0.1:1", "nonsense", ""])
def test_a_simulated_card_is_not_read_in_production(reader: str) -> None:
    with pytest.raises(Refused):
        read_tapped_certificate(reader, is_sandbox=False)


@pytest.mark.parametrize("place", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:²"])
def test_a_socket_without_a_port_is_refused(place: str) -> None:
    with pytest.raises(Refused):
        read_tapped_certificate(f"socket:{place}", is_sandbox=True)


class Connection:
    """A card in a PC/SC reader."""

    def __init__(self, transmit: Callable[[bytes], bytes]) -> None:
        self._transmit = transmit
        self.is_open = False

    def connect(self) -> None:
        self.is_open = True

    def disconnect(self) -> None:
        self.is_open = False

    def transmit(self, command: list[int]) -> tuple[list[int], int, int]:
        answer = self._transmit(bytes(command))
        return list(answer[:-2]), answer[-2], answer[-1]


class Reader:
    """A PC/SC reader by name."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name = name
        self._connection = connection

    def __str__(self) -> str:
        return self._name

    def createConnection(self) -> Connection:  # noqa: N802 - pyscard's name
        return self._connection


def plug_in(monkeypatch: pytest.MonkeyPatch, *readers: Reader) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "smartcard.System", SimpleNamespace(readers=lambda: list(readers)))


def test_the_reader_of_that_name_is_read_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Connection(card(CERTIFICATE))
    plug_in(monkeypatch, Reader("Built-in 00", Connection(refuse(0xA4, 0x04))), Reader("Desk 01", wanted))
    assert read_tapped_certificate("pcsc:Desk", is_sandbox=False) == CERTIFICATE
    assert not wanted.is_open


def test_no_reader_and_a_card_that_is_taken_away_are_not_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    with pytest.raises(Undetermined):
        read_tapped_certificate("pcsc", is_sandbox=False)

    def taken_away(command: bytes) -> Any:
        raise RuntimeError("card was removed")

    plug_in(monkeypatch, Reader("Desk", Connection(taken_away)))
    with pytest.raises(Undetermined):
        read_tapped_certificate("pcsc", is_sandbox=False)


def test_reading_without_pyscard_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.System", None)
    with pytest.raises(Undetermined, match="pip install"):
        read_tapped_certificate("pcsc", is_sandbox=False)
