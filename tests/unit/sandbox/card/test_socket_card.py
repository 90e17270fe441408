"""The card at a loopback port."""

import hashlib
import socket
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from idp.sandbox.card.socket_card import SocketCard, serve_socket_card
from tests.support.card_client import CardClient
from tests.support.virtual_card import (
    PIN,
    SELECT_APPLICATION,
    SHA256_DIGEST_INFO,
    new_card,
    private_key,
    select,
    sign,
    verify,
)

pytestmark = pytest.mark.enable_socket

DONE = b"\x90\x00"


@pytest.fixture
def served() -> Iterator[SocketCard]:
    served = serve_socket_card(new_card(), "127.0.0.1", 0)
    yield served
    served.close()


def connect(served: SocketCard) -> CardClient:
    return CardClient(socket.create_connection(("127.0.0.1", served.port), timeout=5))


def test_a_whole_user_authentication_over_the_socket(served: SocketCard) -> None:
    client = connect(served)
    with client.stream:
        client.send(b"\x01")
        for command in (SELECT_APPLICATION, select(0x0018), verify(PIN), select(0x0017)):
            assert client.transmit(command) == DONE
        answer = client.transmit(sign(SHA256_DIGEST_INFO + hashlib.sha256(b"M").digest()))

    assert answer[-2:] == DONE
    private_key("user authentication").public_key().verify(answer[:-2], b"M", PKCS1v15(), SHA256())


def test_the_next_connection_finds_no_verified_pin(served: SocketCard) -> None:
    first = connect(served)
    with first.stream:
        first.transmit(SELECT_APPLICATION)
        assert first.transmit(verify(PIN, 0x98)) == DONE

    second = connect(served)
    with second.stream:
        assert second.transmit(SELECT_APPLICATION) == DONE
        assert second.transmit(sign(b"data", 0x97)) == b"\x69\x82"


def test_a_second_connection_waits_for_the_first_to_end(served: SocketCard) -> None:
    first, second = connect(served), connect(served)
    with first.stream, second.stream:
        assert first.transmit(SELECT_APPLICATION) == DONE
        second.send(SELECT_APPLICATION)
        second.stream.settimeout(0.1)
        with pytest.raises(TimeoutError):
            second.stream.recv(1)
        first.stream.close()
        second.stream.settimeout(5)
        assert second.receive() == DONE


def test_a_stream_that_breaks_the_framing_leaves_the_card_usable(served: SocketCard) -> None:
    with connect(served).stream as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    client = connect(served)
    with client.stream:
        assert client.transmit(SELECT_APPLICATION) == DONE


def test_close_cuts_the_connection_and_frees_the_port(served: SocketCard) -> None:
    client = connect(served)
    with client.stream:
        client.transmit(SELECT_APPLICATION)
        served.close()
        assert client.receive() == b""

    with pytest.raises(ConnectionRefusedError):
        connect(served)
    served.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "localhost"])
def test_only_a_loopback_address_is_served(host: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - ipaddress words its own refusal of a host name
        serve_socket_card(new_card(), host, 0)


def test_a_taken_port_is_an_error_at_once(served: SocketCard) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_socket_card(new_card(), "127.0.0.1", served.port)
