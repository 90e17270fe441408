"""One unambiguous reading of a form-encoded text."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import DEFAULT_VALUE_CHARACTERS, VALUE_CHARACTERS, parse_parameters

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60)


def refusal_of(encoded: str) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        parse_parameters(encoded)
    return refused.value


@given(st.dictionaries(TEXT, TEXT, max_size=10))
def test_what_was_encoded_is_read_back(values: dict[str, str]) -> None:
    """RFC 6749 appendix B; WHATWG URL §5.1."""
    parameters = parse_parameters(urlencode(values))
    for name, value in values.items():
        assert parameters.get(name) == (value or None)
    assert parameters.duplicated is None


@given(st.text(max_size=300))
def test_no_text_gets_another_exception_out(text: str) -> None:
    try:
        parse_parameters(text)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST


@given(st.lists(st.sampled_from(["a", "b", "=", "&", "%", "%4", "%41", "%00", "%c3%28", "+", ";", "é"]), max_size=30))
def test_no_broken_encoding_gets_another_exception_out(pieces: list[str]) -> None:
    try:
        parse_parameters("".join(pieces))
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST


def test_an_empty_parameter_is_as_if_absent() -> None:
    """RFC 6749 §3.1."""
    parameters = parse_parameters("state=&nonce&scope=openid")
    assert parameters.get("state") is None
    assert parameters.get("nonce") is None
    assert parameters.get("scope") == "openid"


@pytest.mark.parametrize("encoded", ["a=1&a=2", "a=1&b=2&a=1", "a=&a=1", "a&a", "%61=1&a=1"])
def test_a_doubled_parameter_is_noticed_and_refused_when_asked(encoded: str) -> None:
    parameters = parse_parameters(encoded)
    assert parameters.duplicated == "a"
    with pytest.raises(OAuthError) as refused:
        parameters.check_unique()
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_an_unrepeated_request_passes() -> None:
    parse_parameters("a=1&b=1").check_unique()


@pytest.mark.parametrize(
    "encoded",
    ["a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%c3%28", "a=%ed%a0%80", "a=%00", "%00=a", "a=\x00", "a=\n", "a=é"],
)
def test_broken_encodings_are_refused(encoded: str) -> None:
    """RFC 6749 appendix B; WHATWG URL §5.1."""
    assert refusal_of(encoded).code is ErrorCode.INVALID_REQUEST


def test_sixteen_kibibytes_pass_and_one_more_byte_does_not() -> None:
    value = "&".join(f"p{n}=" + "x" * 1000 for n in range(16))
    filled = value + "&q=" + "x" * (16 * 1024 - len(value) - 3)
    assert len(parse_parameters(filled).pairs) == 17
    assert refusal_of(filled + "x").status == 413


def test_sixty_four_parameters_pass_and_one_more_does_not() -> None:
    encoded = "&".join(f"p{n}=1" for n in range(64))
    assert len(parse_parameters(encoded).pairs) == 64
    assert refusal_of(encoded + "&q=1").code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("name", ["state", "nonce", "code", "client_id", "login_hint"])
def test_each_value_has_its_own_limit(name: str) -> None:
    limit = VALUE_CHARACTERS.get(name, DEFAULT_VALUE_CHARACTERS)
    assert parse_parameters(f"{name}=" + "x" * limit).get(name) == "x" * limit
    assert refusal_of(f"{name}=" + "x" * (limit + 1)).code is ErrorCode.INVALID_REQUEST


def test_a_name_has_a_limit() -> None:
    parse_parameters("x" * 128 + "=1")
    assert refusal_of("x" * 129 + "=1").code is ErrorCode.INVALID_REQUEST


def test_the_hash_of_a_request_does_not_depend_on_order_or_encoding() -> None:
    one = parse_parameters("scope=openid+offline_access&state=%41")
    other = parse_parameters("state=A&&scope=openid%20offline_access")
    assert one.request_hash == other.request_hash
    assert len(one.request_hash) == 32


@pytest.mark.parametrize("encoded", ["a=1&b=3", "a=1", "a=1%26b%3D2", "a=1&b=2&c=", "a=2&b=1", "a=1&b=2&b=2"])
def test_another_request_has_another_hash(encoded: str) -> None:
    assert parse_parameters(encoded).request_hash != parse_parameters("a=1&b=2").request_hash
