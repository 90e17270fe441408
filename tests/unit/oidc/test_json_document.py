"""JSON of strangers: one meaning, within limits, or a refusal that can be told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.json_document import UnreadableJson, parse_json_document, parse_json_object

LIMIT = 4096


def test_an_object_is_read() -> None:
    assert parse_json_object('{"名前": [1, 2.5, true, null]}'.encode(), LIMIT) == {"名前": [1, 2.5, True, None]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "\\u0061": 2}}]',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b'{"exp": -1e999}',
        b"12345678901234567",
        b"[" * 9 + b"]" * 9,
        b"[" * 4000,
        b'{"a":' * 600 + b"1" + b"}" * 600,
        b"[" + b"1," * 2000 + b"1]",
        b" " * (LIMIT + 1),
        b"{} {}",
    ],
)
def test_what_two_readers_could_read_differently_or_is_too_much_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableJson):
        parse_json_document(data, 8192 if len(data) <= LIMIT else LIMIT)


@pytest.mark.parametrize("data", [b"[]", b'"text"', b"1", b"null"])
def test_where_an_object_is_due_nothing_else_will_do(data: bytes) -> None:
    with pytest.raises(UnreadableJson):
        parse_json_object(data, LIMIT)


@pytest.mark.parametrize("data", [b"[" * 8 + b"]" * 8, b"[" + b"1," * 1998 + b"1]", b"1234567890123456", b"[]" * 1])
def test_what_is_just_within_the_limits_is_read(data: bytes) -> None:
    assert parse_json_document(data, LIMIT) == json.loads(data)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_a_value_or_our_refusal(data: bytes) -> None:
    try:
        value = parse_json_document(data, LIMIT)
    except UnreadableJson:
        return
    assert json.loads(json.dumps(value)) == value


@given(st.recursive(st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text(), st.lists, max_leaves=20))
def test_what_another_program_wrote_is_read_as_it_was_meant(value: object) -> None:
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        assert parse_json_document(data, 1 << 20) == value
    except UnreadableJson as error:
        assert "nested" in str(error)
