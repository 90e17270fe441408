"""The framing of vpcd and the socket card."""

import contextlib
import socket
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.message_stream import ANSWER_TO_RESET, LONGEST_COMMAND_BYTES, serve_messages
from tests.support.card_client import CardClient
from tests.support.virtual_card import PIN, SELECT_APPLICATION, new_card, select, verify

pytestmark = pytest.mark.enable_socket

DONE = b"\x90\x00"


@pytest.fixture
def card() -> JpkiCard:
    return new_card()


@pytest.fixture
def client(card: JpkiCard) -> Iterator[CardClient]:
    ours, theirs = socket.socketpair()
    ended = Event()
    server = Thread(target=serve_messages, args=(card, theirs), kwargs={"delay_seconds": 0.0, "ended": ended})
    with ours, theirs:
        server.start()
        yield CardClient(ours)
        ours.close()
        server.join(5)
    assert not server.is_alive()


def test_a_command_is_answered_in_the_same_framing(client: CardClient) -> None:
    client.stream.sendall(b"\x00\x0f" + SELECT_APPLICATION)

    assert client.stream.recv(10) == b"\x00\x02\x90\x00"


def test_a_command_in_single_bytes_is_one_command(client: CardClient) -> None:
    for byte in b"\x00\x0f" + SELECT_APPLICATION:
        client.stream.sendall(bytes([byte]))

    assert client.receive() == DONE


def test_control_byte_4_is_answered_by_the_answer_to_reset(client: CardClient) -> None:
    client.send(b"\x04")

    assert client.receive() == ANSWER_TO_RESET


@pytest.mark.parametrize("control", [0x00, 0x01, 0x02])
def test_power_and_reset_forget_the_session_and_are_not_answered(client: CardClient, control: int) -> None:
    client.transmit(SELECT_APPLICATION)
    client.send(bytes([control]))

    assert client.transmit(select(0x0018)) == b"\x6a\x82"


def test_asking_for_the_answer_to_reset_keeps_the_session(client: CardClient) -> None:
    client.transmit(SELECT_APPLICATION)
    client.transmit(b"\x04")

    assert client.transmit(select(0x0018)) == DONE


def test_an_unknown_control_byte_is_passed_over(client: CardClient) -> None:
    client.send(b"\x7f")

    assert client.transmit(SELECT_APPLICATION) == DONE


def test_an_empty_message_is_a_command_too_short(client: CardClient) -> None:
    assert client.transmit(b"") == b"\x67\x00"


@pytest.mark.parametrize(
    "opening", [b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00", b"\xff\xff"]
)
def test_what_a_browser_sends_ends_the_stream(client: CardClient, opening: bytes) -> None:
    client.stream.sendall(opening)

    with contextlib.suppress(ConnectionResetError):  # What was sent and never read makes it a reset.
        assert client.stream.recv(10) == b""


def test_the_longest_command_is_still_read(client: CardClient) -> None:
    assert client.transmit(bytes(LONGEST_COMMAND_BYTES)) == b"\x67\x00"


def test_putting_the_card_in_forgets_an_earlier_session(card: JpkiCard) -> None:
    card.transmit(SELECT_APPLICATION)
    ours, theirs = socket.socketpair()
    server = Thread(target=serve_messages, args=(card, theirs), kwargs={"delay_seconds": 0.0, "ended": Event()})
    with ours, theirs:
        server.start()
        assert CardClient(ours).transmit(select(0x0018)) == b"\x6a\x82"
        ours.close()
        server.join(5)


def test_taking_the_card_out_forgets_the_session(card: JpkiCard) -> None:
    ours, theirs = socket.socketpair()
    server = Thread(target=serve_messages, args=(card, theirs), kwargs={"delay_seconds": 0.0, "ended": Event()})
    server.start()
    client = CardClient(ours)
    client.transmit(SELECT_APPLICATION)
    client.transmit(verify(PIN, 0x98))
    ours.close()
    server.join(5)
    theirs.close()

    assert card.transmit(select(0x0017)) == b"\x6a\x82"


def test_delay_holds_back_each_answer_and_ends_at_once_when_the_card_is_taken_away(card: JpkiCard) -> None:
    ours, theirs = socket.socketpair()
    ended = Event()
    server = Thread(target=serve_messages, args=(card, theirs), kwargs={"delay_seconds": 60.0, "ended": ended})
    with ours, theirs:
        server.start()
        client = CardClient(ours)
        client.send(SELECT_APPLICATION)
        ours.settimeout(0.05)
        with pytest.raises(TimeoutError):
            ours.recv(1)
        ended.set()
        server.join(5)
        assert not server.is_alive()


def test_delay_is_about_as_long_as_asked() -> None:
    ours, theirs = socket.socketpair()
    server = Thread(target=serve_messages, args=(new_card(), theirs), kwargs={"delay_seconds": 0.05, "ended": Event()})
    with ours, theirs:
        server.start()
        started = time.monotonic()
        assert CardClient(ours).transmit(SELECT_APPLICATION) == DONE
        assert time.monotonic() - started >= 0.05
        ours.close()
        server.join(5)


FUZZED = new_card()


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=400))
def test_no_bytes_keep_the_stream_or_the_card_from_ending_well(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    server = Thread(target=serve_messages, args=(FUZZED, theirs), kwargs={"delay_seconds": 0.0, "ended": Event()})
    with ours, theirs:
        server.start()
        ours.sendall(sent)
        ours.shutdown(socket.SHUT_WR)
        server.join(5)
        assert not server.is_alive()
    assert FUZZED.transmit(SELECT_APPLICATION) == DONE
