"""Asking an operator: bounded in time, size and number, one host only, and left alone while it is down."""

import json
import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.identifiers import is_identifier
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.operator_answer import ANSWER_LIMIT_BYTES, parse_answer
from idp.outbound.operator_client import Chance, OperatorClient, OperatorLimits
from idp.outbound.operator_credentials import AssertionSigner, OperatorCredentialsUnusable, make_tls_context
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused
from tests.unit.outbound.operator_double import NOW, URL, Scene, Trickle, answering, raw

QUESTION = {"check_id": "c" * 43, "purpose": "linkage", "certificate": {"issuer_key_id": "k", "serial": "01"}}


def failure_of(scene: Scene) -> str:
    with pytest.raises(OperatorFailed) as failure:
        scene.client.ask("linkage", QUESTION)
    return failure.value.code


def test_the_answer_to_this_request_is_returned_from_the_configured_address() -> None:
    scene = Scene(answering(state="known"))
    assert scene.client.ask("linkage", QUESTION)["state"] == "known"
    [request] = scene.requests
    assert (request.method, str(request.url)) == ("POST", f"{URL}/linkage")
    assert json.loads(request.content) == QUESTION
    assert request.headers["Accept-Encoding"] == "identity"
    assert scene.observed == [("linkage", "answered")]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_temporary_failure_is_tried_again_under_the_same_check_id_with_growing_pauses(status: int) -> None:
    scene = Scene(raw(b"", status), raw(b"", status), answering(state="known"))
    assert scene.client.ask("linkage", QUESTION)["state"] == "known"
    assert {request.content for request in scene.requests} == {scene.requests[0].content}
    assert scene.time.slept == [0.1, 0.2]


def test_a_broken_connection_is_tried_again_and_then_given_up() -> None:
    scene = Scene(httpx.ConnectError("refused"))
    assert failure_of(scene) == "network_ConnectError"
    assert len(scene.requests) == 3


def test_an_operator_that_asks_for_more_patience_than_there_is_time_is_not_waited_for() -> None:
    scene = Scene(raw(b"", 503, **{"Retry-After": "120"}))
    assert failure_of(scene) == "status_503"
    assert scene.time.slept == []


def test_the_operators_wish_for_a_pause_is_kept() -> None:
    scene = Scene(raw(b"", 429, **{"Retry-After": "2"}), answering(state="known"))
    scene.client.ask("linkage", QUESTION)
    assert scene.time.slept == [2.1]


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 404, 418, 501])
def test_any_other_status_is_a_failure_at_once_and_no_redirect_is_followed(status: int) -> None:
    scene = Scene(raw(b"{}", status, Location="https://elsewhere.example/"))
    with pytest.raises(OperatorFailed):
        scene.client.ask("linkage", QUESTION)
    assert len(scene.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "unknown_certificate"), (403, "not_entitled"), (403, "consent_required"), (410, "person_ended")],
)
def test_the_contracts_refusals_are_told_apart_and_not_tried_again(status: int, code: str) -> None:
    scene = Scene(answering(status, error=code))
    with pytest.raises(OperatorRefused) as refusal:
        scene.client.ask("linkage", QUESTION)
    assert refusal.value.code == code
    assert len(scene.requests) == 1


@pytest.mark.parametrize(
    "handler",
    [
        raw(b""),
        raw(b"garbage"),
        raw(b"[]"),
        raw(b"[" * 5000),
        raw(b'{"a": NaN}'),
        raw(b'{"check_id": "x", "check_id": "x"}'),
        raw(b"\xff\xfe"),
        raw(b" " * (ANSWER_LIMIT_BYTES + 1)),
        raw(b"{}", **{"Content-Encoding": "gzip"}),
        answering(check_id="d" * 43),
        answering(request_hash="another"),
        answering(404, error="something new"),
        answering(404, error=["unknown_certificate"]),
    ],
)
def test_garbage_and_the_answer_to_another_request_are_failures(handler) -> None:
    scene = Scene(handler)
    failure_of(scene)
    assert len(scene.requests) == 1


@given(st.binary(max_size=200))
def test_no_bytes_bring_another_exception(content: bytes) -> None:
    with suppress(OperatorFailed):
        assert isinstance(parse_answer(content), dict)


def test_a_slow_answer_ends_at_the_deadline() -> None:
    scene = Scene(lambda _: httpx.Response(200, stream=Trickle(scene.time)))
    assert failure_of(scene) == "late"
    assert scene.time.seconds < 1007


def test_the_breaker_opens_after_failures_in_a_row_and_closes_after_one_success() -> None:
    answers = [raw(b"garbage")] * 3 + [answering(state="known")]
    scene = Scene(*answers)
    for _ in range(3):
        assert failure_of(scene) == "garbage"
    assert failure_of(scene) == "breaker_open"
    assert len(scene.requests) == 3
    scene.time.seconds += 31
    scene.client.ask("linkage", QUESTION)
    scene.client.ask("linkage", QUESTION)
    assert [outcome for _, outcome in scene.observed] == ["garbage"] * 3 + ["breaker_open", "answered", "answered"]


def test_after_the_pause_one_call_is_let_through_and_a_failure_opens_again() -> None:
    scene = Scene(raw(b"garbage"))
    for _ in range(3):
        failure_of(scene)
    scene.time.seconds += 31
    scene.breaker.check_admitted()
    assert failure_of(scene) == "breaker_open"
    scene.time.seconds += 31
    assert failure_of(scene) == "garbage"
    assert failure_of(scene) == "breaker_open"


def test_a_refusal_is_an_answer_and_keeps_the_breaker_closed() -> None:
    scene = Scene(answering(404, error="unknown_certificate"))
    for _ in range(10):
        with pytest.raises(OperatorRefused):
            scene.client.ask("linkage", QUESTION)


def pem(key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_an_assertion_is_bound_to_the_body_and_signed_by_the_registered_key() -> None:
    text = pem(ec.generate_private_key(ec.SECP256R1()))
    header = AssertionSigner("idp-1", URL, text).sign("hash", NOW)
    token = jwt.decode(header.removeprefix("Bearer "), ECKey.import_key(text), algorithms=["ES256"])
    assert token.claims["iss"] == token.claims["sub"] == "idp-1"
    assert (token.claims["aud"], token.claims["request_hash"]) == (URL, "hash")
    assert token.claims["exp"] - token.claims["iat"] == 60
    assert is_identifier(token.claims["jti"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        pem(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_another_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(OperatorCredentialsUnusable) as refusal:
        AssertionSigner("idp-1", URL, text)
    assert "BEGIN" not in str(refusal.value)


def test_missing_tls_files_are_refused(tmp_path) -> None:
    with pytest.raises(OperatorCredentialsUnusable):
        make_tls_context(tmp_path / "none.pem", None, None)


@pytest.mark.enable_socket
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_sender_of_a_byte_now_and_then_is_cut_off_at_the_deadline(sent: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(sent)
                while not ended.wait(0.05):
                    try:
                        connection.sendall(b"x" if sent else b"")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        client = OperatorClient(
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            CircuitBreaker(3, 30),
            limits=OperatorLimits(0.5, 3),
            chance=Chance(lambda: NOW),
        )
        begun = time.monotonic()
        with pytest.raises(OperatorFailed) as failure:
            client.ask("linkage", QUESTION)
        assert failure.value.code == "late"
        assert time.monotonic() - begun < 2
        ended.set()
        thread.join(5)
