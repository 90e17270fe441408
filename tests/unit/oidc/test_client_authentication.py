"""Which client is asking: by exactly the method it is registered for."""

import base64
from contextlib import AbstractContextManager, suppress
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import hash_secret
from idp.oidc.client import Client
from idp.oidc.client_assertion import ASSERTION_TYPE
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    SECRET,
    TOKEN_ENDPOINT,
    basic,
    encode,
    make_assertion_client,
    make_client,
    make_public_client,
)


def authenticate(client: Client, parameters: Parameters, header: str | None = None) -> Client:
    return authenticate_client(
        parameters,
        header,
        MemoryClients(client),
        MemoryOnce(),
        issuer=ISSUER,
        endpoint_url=TOKEN_ENDPOINT,
        now=NOW,
    )


def refusal(client: Client, parameters: Parameters, header: str | None = None) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        authenticate(client, parameters, header)
    return refused.value


def basic_of(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


BASIC = make_client()
POST = make_client(token_endpoint_auth_method="client_secret_post")
PUBLIC = make_public_client()


def test_each_method_authenticates_the_client_registered_for_it() -> None:
    """O7."""
    assert authenticate(BASIC, encode(), basic()) is BASIC
    assert authenticate(BASIC, encode(client_id="rp"), basic()) is BASIC
    assert authenticate(POST, encode(client_id="rp", client_secret=SECRET)) is POST
    assert authenticate(PUBLIC, encode(client_id="rp")) is PUBLIC
    assert authenticate(PUBLIC, encode(client_id="rp", client_secret="")) is PUBLIC


def test_the_scheme_is_case_insensitive() -> None:
    assert authenticate(BASIC, encode(), basic().replace("Basic", "bAsIC")) is BASIC


def test_basic_credentials_are_form_urlencoded_before_they_are_joined() -> None:
    """RFC 6749 §2.3.1."""
    client = make_client(client_id="a:b c", secret_hash=hash_secret("p%:+ü"))
    assert authenticate(client, encode(), basic_of(f"{quote_plus('a:b c')}:{quote_plus('p%:+ü')}")) is client
    assert refusal(client, encode(), basic_of("a:b c:p%:+ü")).code is ErrorCode.INVALID_CLIENT


@pytest.mark.parametrize("secret", [SECRET + "x", SECRET[:-1], SECRET.lower()])
def test_a_wrong_secret_is_refused(secret: str) -> None:
    assert refusal(BASIC, encode(), basic(secret=secret)).code is ErrorCode.INVALID_CLIENT
    assert refusal(POST, encode(client_id="rp", client_secret=secret)).code is ErrorCode.INVALID_CLIENT


def test_an_unknown_client_is_refused_in_the_same_words() -> None:
    unknown = refusal(BASIC, encode(), basic(client_id="other"))
    wrong = refusal(BASIC, encode(), basic(secret="x" * 43))
    assert (unknown.code, unknown.description, unknown.status) == (wrong.code, wrong.description, wrong.status)
    assert refusal(PUBLIC, encode(client_id="other")).code is ErrorCode.INVALID_CLIENT


def test_a_method_other_than_the_registered_one_is_refused() -> None:
    """RFC 9700 §2.5."""
    right_secret = encode(client_id="rp", client_secret=SECRET)
    assert refusal(BASIC, right_secret).code is ErrorCode.INVALID_CLIENT
    assert refusal(POST, encode(), basic()).code is ErrorCode.INVALID_CLIENT
    assert refusal(BASIC, encode(client_id="rp")).code is ErrorCode.INVALID_CLIENT
    assert refusal(make_assertion_client(), encode(client_id="rp")).code is ErrorCode.INVALID_CLIENT
    assert refusal(PUBLIC, encode(), basic()).code is ErrorCode.INVALID_CLIENT


@pytest.mark.parametrize(
    ("members", "header"),
    [
        ({"client_id": "rp", "client_secret": SECRET}, basic()),
        ({"client_assertion": "x", "client_assertion_type": "y"}, basic()),
        ({"client_assertion_type": "y"}, basic()),
        ({"client_id": "rp", "client_secret": SECRET, "client_assertion": "x"}, None),
        ({"client_id": "rp", "client_secret": SECRET}, "Bearer abc"),
    ],
)
def test_more_than_one_method_is_an_invalid_request(members: dict[str, Any], header: str | None) -> None:
    """RFC 6749 §2.3."""
    assert refusal(BASIC, encode(**members), header).code is ErrorCode.INVALID_REQUEST


def test_a_client_id_beside_the_credential_must_be_the_same() -> None:
    assert refusal(BASIC, encode(client_id="other"), basic()).code is ErrorCode.INVALID_CLIENT


def test_nothing_at_all_is_refused_with_a_challenge() -> None:
    """RFC 9110 §15.5.2."""
    error = refusal(BASIC, encode())
    assert (error.code, error.status) == (ErrorCode.INVALID_CLIENT, 401)
    assert error.authenticate is not None
    assert error.authenticate.startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Basic YQ==",
        basic_of(":"),
        basic_of("rp:"),
        basic_of(":secret"),
        basic_of("rp:%zz"),
        basic_of("rp:%ff"),
        basic_of("rp:ü"),
        "Bearer " + SECRET,
        "Basic " + "A" * 5000,
        basic() + " ",
        basic() + "\n",
    ],
)
def test_a_malformed_authorization_header_is_refused(header: str) -> None:
    assert refusal(BASIC, encode(), header).code is ErrorCode.INVALID_CLIENT


@given(st.text(), st.binary(max_size=80), st.booleans())
def test_no_authorization_header_gets_another_exception_out(text: str, raw: bytes, is_basic: bool) -> None:
    header = "Basic " + base64.b64encode(raw).decode() if is_basic else text
    try:
        authenticate(BASIC, encode(), header)
    except OAuthError as error:
        assert error.status in (400, 401)
    else:
        pytest.fail("accepted")


@given(
    st.dictionaries(
        st.sampled_from(["client_id", "client_secret", "client_assertion", "client_assertion_type"]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40),
    )
)
def test_no_body_gets_another_exception_out(members: dict[str, str]) -> None:
    try:
        authenticate(BASIC, encode(**members))
    except OAuthError as error:
        assert error.code in (ErrorCode.INVALID_CLIENT, ErrorCode.INVALID_REQUEST)
    else:
        pytest.fail("accepted")


def test_an_assertion_that_cannot_be_read_is_refused() -> None:
    unreadable = encode(client_assertion="a.b.c", client_assertion_type=ASSERTION_TYPE)
    assert refusal(make_assertion_client(), unreadable).code is ErrorCode.INVALID_CLIENT


def test_no_secret_is_in_what_is_logged() -> None:
    error = refusal(BASIC, encode(), basic(secret="very-secret-value"))
    assert "very-secret" not in error.detail + str(error)


class Admission:
    """Remembers who was counted."""

    def __init__(self) -> None:
        self.admitted: list[str] = []

    def admit(self, client: Client) -> None:
        self.admitted.append(client.client_id)

    def while_waiting(self, client: Client) -> AbstractContextManager[None]:
        raise AssertionError(client)


@pytest.mark.parametrize(
    ("client", "parameters", "header", "admitted"),
    [
        (make_client(), encode(), basic(), ["rp"]),
        (make_public_client(), encode(client_id="rp"), None, ["rp"]),
        (make_client(), encode(), basic(secret="guessed"), []),
        (make_client(), encode(), basic("other"), []),
        (make_client(), encode(client_id="rp", client_secret=SECRET), None, []),
        (make_assertion_client(), encode(client_id="rp"), None, []),
    ],
)
def test_a_request_is_counted_against_its_client_only_once_that_is_proven(
    client: Client, parameters: Parameters, header: str | None, admitted: list[str]
) -> None:
    admission = Admission()
    with suppress(OAuthError):
        authenticate_client(
            parameters,
            header,
            MemoryClients(client),
            MemoryOnce(),
            issuer=ISSUER,
            endpoint_url=TOKEN_ENDPOINT,
            now=NOW,
            admission=admission,
        )
    assert admission.admitted == admitted
