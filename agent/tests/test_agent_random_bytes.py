"""Bytes from outside, however broken: only the agent's own family of errors comes out."""

import json
from typing import Any

import pytest
from build_vectors import PLAIN, _opening
from card_double import CardDouble
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynumber_card_agent.card_commands import send_command
from mynumber_card_agent.card_credentials import CREDENTIALS, USER_AUTHENTICATION
from mynumber_card_agent.certificate_key import parse_algorithm
from mynumber_card_agent.closed_json import parse_object
from mynumber_card_agent.issuers import check_issuer
from mynumber_card_agent.jpki_application import JpkiApplication
from mynumber_card_agent.links import parse_link
from mynumber_card_agent.opening import parse_opening
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.return_url import parse_return_url
from mynumber_card_agent.signed_bytes import encode_canonical
from mynumber_card_agent.transaction import parse_transaction

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class RandomCard:
    """A card that answers what it is given, then falls silent with an empty answer."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = list(answers)

    def transmit(self, command: bytes | bytearray) -> bytes:
        return self.answers.pop(0) if self.answers else b""


@given(
    answers=st.lists(st.binary(max_size=300) | st.just(b"\x90\x00") | st.just(b"\x61\x10"), max_size=30),
    purpose=st.sampled_from(sorted(CREDENTIALS)),
)
def test_whatever_a_card_answers_only_our_own_errors_come_out(answers: list[bytes], purpose: str) -> None:
    card, credential = RandomCard(answers), CREDENTIALS[purpose]
    try:
        application = JpkiApplication(card)
        application.check_presence(credential)
        application.find_certificate(credential)
        application.get_tries_left(credential)
        application.verify_pin(credential, bytearray(b"1234" if credential is USER_AUTHENTICATION else b"ABC123"))
        application.sign(credential, bytes(51))
    except AgentError:
        return


@given(answer=st.binary(max_size=40), start=st.just(b"\x30\x82\x20\x00\x90\x00"))
def test_a_certificate_that_says_it_is_endless_is_not_read_for_ever(answer: bytes, start: bytes) -> None:
    card = RandomCard([b"\x90\x00", b"\x90\x00", start, *[answer + b"\x90\x00"] * 9000])
    with pytest.raises(AgentError):
        JpkiApplication(card).find_certificate(USER_AUTHENTICATION)


def test_a_card_that_always_has_more_is_given_up() -> None:
    with pytest.raises(AgentError) as failure:
        send_command(RandomCard([b"x\x61\x01"] * 1000), b"\x00\xa4\x04\x0c")
    assert failure.value.outcome is Outcome.CARD_FAILED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_place_of_a_certificate_only_our_own_errors_come_out(
    certificate: bytes, data: st.DataObject
) -> None:
    broken = bytearray(certificate)
    for position in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=4)):
        broken[position] = data.draw(st.integers(0, 255))
    for unverified in (bytes(broken), bytes(broken[: data.draw(st.integers(0, len(broken)))])):
        try:
            assert parse_algorithm(unverified) == "RS256"
        except AgentError as error:
            assert error.outcome in (Outcome.NO_CERTIFICATE, Outcome.UNSUPPORTED_KEY)


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_an_opening_holds_only_our_own_errors_come_out(body: bytes) -> None:
    with pytest.raises(AgentError):
        parse_opening(body, "https://login.example.jp")


@given(member=st.sampled_from(sorted(PLAIN)), value=JSON)
def test_a_member_of_any_kind_is_taken_whole_or_refused(member: str, value: Any) -> None:
    body = json.dumps(_opening(transaction={**PLAIN, member: value})).encode()
    try:
        opening = parse_opening(body, "https://login.example.jp")
    except AgentError as error:
        assert error.outcome is Outcome.INVALID_ANSWER
        assert member in error.detail or "JSON" in error.detail
    else:
        assert opening.transaction.members[member] == value
        assert parse_object(encode_canonical(opening.transaction.members)) == {**PLAIN, member: value}


@given(text=st.text(max_size=80))
def test_a_shown_name_never_holds_what_cannot_be_seen(text: str) -> None:
    try:
        name = parse_transaction({**PLAIN, "client_name": text}).client_name
    except AgentError:
        return
    assert name.isprintable() or " " not in name
    assert name == name.strip()


@given(link=st.text(max_size=120) | st.text(max_size=60).map(lambda rest: f"mynumber-card:{rest}"))
def test_whatever_a_link_holds_only_our_own_errors_come_out(link: str) -> None:
    with pytest.raises(AgentError):
        parse_link(link, ("https://login.example.jp",))


@given(address=st.text(max_size=60).map(lambda rest: f"https://login.example.jp/card/return/{rest}") | JSON)
def test_a_return_address_stays_below_its_prefix(address: object) -> None:
    try:
        accepted = parse_return_url(address, "https://login.example.jp")
    except AgentError:
        return
    assert accepted == address
    assert ".." not in accepted.split("/")
    assert accepted.isascii()
    assert accepted.isprintable()


@given(issuer=st.text(max_size=40) | st.text(max_size=30).map(lambda rest: f"https://{rest}"))
def test_whatever_is_called_an_issuer_only_our_own_errors_come_out(issuer: str) -> None:
    try:
        check_issuer(issuer)
    except AgentError as error:
        assert error.outcome is Outcome.CONFIGURATION


def test_a_socket_that_talks_nonsense_is_a_failing_card(card: CardDouble) -> None:
    from mynumber_card_agent.socket_card import SocketCardSource

    for garbage in (b"", b"\x00", b"\x63\xc3", b"\xff" * 300):
        card.garbage = garbage
        with SocketCardSource("127.0.0.1", card.port).hold("it") as held, pytest.raises(AgentError):
            JpkiApplication(held)
