"""The card in vpcd's reader; pcscd's side is played by a listening socket. With real pcscd: tests/pcsc."""

import socket
import time
from collections.abc import Iterator

import pytest

from idp.sandbox.card.vpcd import attach_vpcd
from tests.support.card_client import CardClient
from tests.support.virtual_card import SELECT_APPLICATION, new_card, select

pytestmark = pytest.mark.enable_socket

DONE = b"\x90\x00"


@pytest.fixture
def reader() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        yield listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def test_an_attached_card_answers_until_it_is_taken_out(reader: socket.socket) -> None:
    card_in_reader = attach_vpcd(new_card(), "127.0.0.1", port_of(reader))
    with reader.accept()[0] as stream:
        client = CardClient(stream)
        client.send(b"\x01")

        assert client.transmit(SELECT_APPLICATION) == DONE
        assert card_in_reader.wait(0.01) is False
        card_in_reader.close()
        assert client.receive() == b""
        assert card_in_reader.wait(0) is True
        card_in_reader.close()


def test_a_slow_card_is_taken_out_at_once(reader: socket.socket) -> None:
    card_in_reader = attach_vpcd(new_card(), "127.0.0.1", port_of(reader), delay_seconds=60.0)
    with reader.accept()[0] as stream:
        CardClient(stream).send(SELECT_APPLICATION)
        time.sleep(0.05)  # The card has the command and is waiting.
        card_in_reader.close()

        assert card_in_reader.wait(0) is True


def test_the_card_notices_that_the_reader_is_gone(reader: socket.socket) -> None:
    card_in_reader = attach_vpcd(new_card(), "127.0.0.1", port_of(reader))
    reader.accept()[0].close()

    assert card_in_reader.wait(5) is True
    card_in_reader.close()


def test_one_card_can_move_from_reader_to_reader_and_starts_anew(reader: socket.socket) -> None:
    card = new_card()
    first = attach_vpcd(card, "127.0.0.1", port_of(reader))
    with reader.accept()[0] as stream:
        assert CardClient(stream).transmit(SELECT_APPLICATION) == DONE
        first.close()
    second = attach_vpcd(card, "127.0.0.1", port_of(reader))
    with reader.accept()[0] as stream:
        assert CardClient(stream).transmit(select(0x0018)) == b"\x6a\x82"
        second.close()


def test_no_reader_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = port_of(listener)

    with pytest.raises(ConnectionRefusedError):
        attach_vpcd(new_card(), "127.0.0.1", port)
