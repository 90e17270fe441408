"""JSON of strangers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.bounded_json import MAXIMUM_BYTES, MAXIMUM_DEPTH, MAXIMUM_VALUES, NotJson, read_json_object


def is_refused(text: bytes | str) -> bool:
    try:
        read_json_object(text.encode() if isinstance(text, str) else text)
    except NotJson:
        return True
    return False


def test_an_object_is_read_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, {"b": "氏名"}], "c": {}}
    assert read_json_object(json.dumps(value).encode()) == value
    assert read_json_object(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", "1", '"a"', "null", "{", '{"a":1}x', "{'a':1}", '{"a":1,}', "{}{}",
        '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":[{"b":1,"b":2}]}', '{"a":1,"\\u0061":2}',
        '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":1e999}',
        '{"a":"\\ud800"}', '{"\\udfff":1}',
        '{"a":' + "9" * 5000 + "}",
        b"\xff\xfe", b'{"a":"\xff"}', b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_whatever_two_readers_might_read_differently_is_refused(text: bytes | str) -> None:
    assert is_refused(text)


def test_depth_number_and_size_are_bounded() -> None:
    def nested(depth: int) -> str:
        return '{"a":' * (depth - 1) + "{}" + "}" * (depth - 1)

    assert not is_refused(nested(MAXIMUM_DEPTH))
    assert is_refused(nested(MAXIMUM_DEPTH + 1))
    assert is_refused('{"a":' + "[" * 8000 + "]" * 8000 + "}")
    assert not is_refused(json.dumps({"a": [0] * (MAXIMUM_VALUES - 2)}))
    assert is_refused(json.dumps({"a": [0] * (MAXIMUM_VALUES - 1)}))
    assert not is_refused('{"a":"' + "x" * (MAXIMUM_BYTES - 8) + '"}')
    assert is_refused('{"a":"' + "x" * (MAXIMUM_BYTES - 7) + '"}')


@given(st.binary(max_size=400))
def test_any_bytes_are_an_object_or_refused(text: bytes) -> None:
    try:
        assert isinstance(read_json_object(text), dict)
    except NotJson:
        assert is_refused(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_what_json_writes_is_read_again(value: dict[str, object]) -> None:
    text = json.dumps(value).encode()
    if not is_refused(text):
        assert read_json_object(text) == value
