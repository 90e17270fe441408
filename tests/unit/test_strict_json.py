"""JSON of strangers: one meaning, within limits, or a refusal that can be told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.strict_json import JsonLimits, NotJson, read_json, read_json_object

LIMITS = JsonLimits(size_bytes=4096, depth=8, values=2000)

TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def is_refused(text: bytes, limits: JsonLimits = LIMITS) -> bool:
    try:
        read_json(text, limits)
    except NotJson:
        return True
    return False


def test_an_object_is_read_as_it_is() -> None:
    value = {"名前": [1, 2.5, None, True, {"b": "氏名"}], "c": {}}
    assert read_json_object(json.dumps(value).encode(), LIMITS) == value
    assert read_json_object(json.dumps(value, ensure_ascii=False).encode(), LIMITS) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "{", '{"a":1}x', "{'a':1}", '{"a":1,}', "{}{}", "{} {}",
        '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":[{"b":1,"b":2}]}', '{"a":1,"\\u0061":2}',
        "NaN", '{"a":NaN}', "[Infinity]", '{"a":-Infinity}', "1e999", '{"exp":-1e999}',
        '{"a":"\\ud800"}', '{"\\udfff":1}', '"\\udc00\\ud800"',
        "12345678901234567", "-12345678901234567", "9" * 4000,
        b"\xff", b"\xff\xfe", b'{"a":"\xff"}', b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(text: str | bytes) -> None:
    assert is_refused(text.encode() if isinstance(text, str) else text)


def test_a_surrogate_pair_is_one_character() -> None:
    assert read_json(b'"\\ud842\\udfb7"', LIMITS) == "𠮷"


@pytest.mark.parametrize("text", [b"[]", b'"text"', b"1", b"null"])
def test_where_an_object_is_due_nothing_else_will_do(text: bytes) -> None:
    with pytest.raises(NotJson):
        read_json_object(text, LIMITS)


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (b"[" * 8 + b"]" * 8, b"[" * 9 + b"]" * 9),
        (b'{"a":' * 7 + b"{}" + b"}" * 7, b'{"a":' * 8 + b"{}" + b"}" * 8),
        (b"[" * 7 + b"1" + b"]" * 7, b"[" * 8 + b"1" + b"]" * 8),
        (b"[" + b"1," * 1998 + b"1]", b"[" + b"1," * 1999 + b"1]"),
        (b" " * 4095 + b"1", b" " * 4096 + b"1"),
        (b"1234567890123456", b"12345678901234567"),
        (b"-1234567890123456", b"-12345678901234567"),
    ],
)
def test_depth_number_and_size_are_bounded(within: bytes, beyond: bytes) -> None:
    assert read_json(within, LIMITS) == json.loads(within)
    assert is_refused(beyond)


@pytest.mark.parametrize("text", [b"[" * 400_000, b'{"a":' * 400_000, b"[" * 200_000 + b"]" * 200_000])
def test_depth_ends_in_a_refusal_and_not_in_the_interpreter(text: bytes) -> None:
    assert is_refused(text, JsonLimits(size_bytes=1 << 22))


@given(st.binary(max_size=400))
def test_whatever_bytes_come_the_answer_is_a_value_or_our_refusal(text: bytes) -> None:
    try:
        value = read_json(text, LIMITS)
    except NotJson:
        return
    assert json.loads(json.dumps(value)) == value


@given(JSON, st.booleans())
def test_what_another_program_wrote_is_read_as_it_was_meant(value: object, ensure_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ensure_ascii).encode()
    assert read_json(text, JsonLimits(size_bytes=1 << 20, depth=64)) == value
