"""From WSGI to a request: limits before reading, and nobody's word for an address but a trusted proxy's."""

import io
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.web.environ import (
    HEADER_LIMIT_BYTES,
    QUERY_LIMIT_BYTES,
    MalformedRequest,
    RequestReader,
    RequestTooLarge,
    write_response,
)
from idp.web.http import Response

LIMIT = 100
READER = RequestReader(LIMIT, ())


def environ(**changes: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/x",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.input": io.BytesIO(),
    } | changes


def posted(body: bytes, **changes: Any) -> dict[str, Any]:
    return environ(CONTENT_LENGTH=str(len(body)), **{"wsgi.input": io.BytesIO(body)}, **changes)


@pytest.mark.parametrize(("length", "is_read"), [(0, True), (99, True), (100, True), (101, False), (5000, False)])
def test_a_body_is_read_up_to_the_limit(length: int, is_read: bool) -> None:
    if is_read:
        assert READER.read(posted(b"x" * length)).body == b"x" * length
        return
    with pytest.raises(RequestTooLarge) as refused:
        READER.read(posted(b"x" * length))
    assert refused.value.status == 413


def test_leading_zeros_do_not_take_a_body_past_the_limit() -> None:
    body = io.BytesIO(b"x" * 1000)
    with pytest.raises(RequestTooLarge):
        READER.read(environ(CONTENT_LENGTH="0000000000001000", **{"wsgi.input": body}))
    assert body.tell() == 0


@pytest.mark.parametrize("length", ["-1", "+5", "5.0", "0x5", " 5", "5 ", "五", "²", "1e3", "5,5"])
def test_a_content_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(MalformedRequest):
        READER.read(environ(CONTENT_LENGTH=length))


def test_a_body_shorter_than_declared_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        READER.read(environ(CONTENT_LENGTH="10", **{"wsgi.input": io.BytesIO(b"123")}))


def test_a_chunked_body_is_held_to_the_limit_too() -> None:
    chunked = {"wsgi.input_terminated": True}
    assert READER.read(environ(**chunked, **{"wsgi.input": io.BytesIO(b"x" * 100)})).body == b"x" * 100
    with pytest.raises(RequestTooLarge):
        READER.read(environ(**chunked, **{"wsgi.input": io.BytesIO(b"x" * 101)}))


def test_a_body_is_read_for_a_post_only() -> None:
    assert READER.read(posted(b"x", REQUEST_METHOD="GET")).body == b""
    assert READER.read(environ()).body == b""


def test_query_and_headers_have_limits() -> None:
    READER.read(environ(QUERY_STRING="x" * QUERY_LIMIT_BYTES))
    with pytest.raises(RequestTooLarge) as too_long:
        READER.read(environ(QUERY_STRING="x" * (QUERY_LIMIT_BYTES + 1)))
    assert too_long.value.status == 414
    with pytest.raises(RequestTooLarge) as too_many:
        READER.read(environ(HTTP_X="x" * HEADER_LIMIT_BYTES))
    assert too_many.value.status == 431


PROXIES = RequestReader(LIMIT, (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")))


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7,", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, garbage", "garbage"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_an_address_is_believed_from_the_right_as_far_as_proxies_are_trusted(
    peer: str, told: str, address: str
) -> None:
    request = PROXIES.read(environ(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told))
    assert request.client_address == (address or "0.0.0.0")


def test_without_trusted_proxies_nobody_is_believed() -> None:
    request = READER.read(environ(HTTP_X_FORWARDED_FOR="198.51.100.7", HTTP_X_REAL_IP="198.51.100.7"))
    assert request.client_address == "192.0.2.1"


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60), st.text(max_size=40))
def test_no_headers_and_no_address_break_the_reading(header: str, told: str) -> None:
    changes = {"HTTP_COOKIE": header, "HTTP_X_FORWARDED_FOR": told, "CONTENT_TYPE": header, "QUERY_STRING": header}
    request = PROXIES.read(environ(REMOTE_ADDR="10.0.0.1", **changes))
    assert isinstance(request.cookies(), list)
    assert isinstance(request.media_type, str)


def test_a_head_answer_has_the_length_and_no_body() -> None:
    sent: list[Any] = []
    body = b"".join(write_response(Response(200, (), b"12345"), lambda *told: sent.append(told), is_head=True))
    assert body == b""
    assert ("Content-Length", "5") in sent[0][1]
