"""Which client a request says it is from: seen where it stands, and only if it could be one."""

import base64
import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.web.claimed_client import find_claimed_client_id
from idp.web.http import Request
from idp.web.route import ClaimedIn


def get(query: str, authorization: str | None = None) -> Request:
    headers = {} if authorization is None else {"authorization": authorization}
    return Request("GET", "/authorize", query, headers, b"", "192.0.2.1")


def post(body: str, authorization: str | None = None) -> Request:
    return replace(get("client_id=query", authorization), method="POST", body=body.encode("latin-1"))


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def assertion(payload: object) -> str:
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "ES256"}, payload)
    ]
    return ".".join([*encoded, "c2ln"])


@pytest.mark.parametrize(
    ("request_", "client_id"),
    [
        (get("client_id=rp"), None),
        (post("grant_type=x&client_id=rp"), "rp"),
        (post("grant_type=x"), None),
        (post("grant_type=x", basic("rp:secret")), "rp"),
        (post("grant_type=x", basic("a b:secret")), None),
        (post("grant_type=x", "Basic !"), None),
        (post("grant_type=x", "Bearer token"), None),
        (post("client_assertion=" + assertion({"sub": "rp"})), "rp"),
        (post("client_assertion=" + assertion({"sub": "<script>"})), None),
        (post("client_assertion=" + assertion(["sub"])), None),
    ],
)
def test_a_client_that_authenticates_itself_is_found_where_it_does(request_: Request, client_id: str | None) -> None:
    assert find_claimed_client_id(request_, "authentication") == client_id


@pytest.mark.parametrize(
    ("request_", "client_id"),
    [
        (get("scope=openid&client_id=rp-1&state=x"), "rp-1"),
        (get("scope=openid&client%5Fid=%72p-1"), "rp-1"),
        (get("my_client_id=rp"), None),
        (get("client_id="), None),
        (get("client_id=a%20b"), None),
        (get("client_id=rp&state=%"), None),
        (get("scope=openid", basic("rp:secret")), None),
        (post("%63lient_id=rp"), "rp"),
        (post("client_assertion=" + assertion({"sub": "rp"})), None),
    ],
)
def test_a_client_is_named_in_parameters_as_they_are_decoded_and_nowhere_else(
    request_: Request, client_id: str | None
) -> None:
    assert find_claimed_client_id(request_, "parameters") == client_id


@pytest.mark.parametrize(
    ("request_", "client_id"),
    [
        (get("", "Bearer " + assertion({"sub": "rp"})), "rp"),
        (get("", "bearer  " + assertion({"sub": "rp"})), "rp"),
        (get("", "Bearer " + assertion({"sub": "<script>"})), None),
        (get("", "Bearer " + "x" * 43), None),
        (get("", basic("rp:secret")), None),
        (get("client_id=rp"), None),
    ],
)
def test_an_assertion_in_place_of_a_token_names_its_client(request_: Request, client_id: str | None) -> None:
    assert find_claimed_client_id(request_, "bearer-assertion") == client_id


@pytest.mark.parametrize(
    "request_",
    [get("client_id=rp"), get("", "Bearer " + assertion({"sub": "rp"})), post("client_id=rp", basic("rp:secret"))],
)
def test_where_no_client_is_named_none_is_found(request_: Request) -> None:
    assert find_claimed_client_id(request_, "nowhere") is None


@given(st.text(max_size=200), st.none() | st.text(max_size=100), st.binary(max_size=300), st.booleans())
def test_no_request_breaks_it(query: str, header: str | None, body: bytes, is_post: bool) -> None:
    headers = {} if header is None else {"authorization": header}
    request = Request("POST" if is_post else "GET", "/token", query, headers, body, "192.0.2.1")
    for claimed_in in get_args(ClaimedIn):
        found = find_claimed_client_id(request, claimed_in)
        assert found is None or len(found) <= 64


@pytest.mark.parametrize(
    ("request_", "client_id"),
    [
        (get("client_id=rp"), "rp"),
        (get("client_id=rp&id_token_hint=" + assertion({"aud": "other"})), "rp"),
        (get("client_id=r%70"), "rp"),
        (get("id_token_hint=" + assertion({"aud": "rp"})), "rp"),
        (post("id_token_hint=" + assertion({"aud": "rp"})), "rp"),
        (get("id_token_hint=" + assertion({"aud": "<script>"})), None),
        (get("id_token_hint=" + assertion({"aud": ["rp"]})), None),
        (get("id_token_hint=" + assertion({"sub": "rp"})), None),
        (get("id_token_hint=a.b.c"), None),
        (get("id_token_hint=x"), None),
        (get("id_token_hint=" + "a" * 9000), None),
    ],
)
def test_a_request_to_sign_out_is_from_whom_it_names_or_whose_token_it_has(
    request_: Request, client_id: str | None
) -> None:
    assert find_claimed_client_id(request_, "logout-request") == client_id
