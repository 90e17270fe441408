"""Which client a request says it is from: seen where it stands, and only if it could be one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.web.claimed_client import find_claimed_client_id
from idp.web.http import Request


def get(query: str) -> Request:
    return Request("GET", "/authorize", query, {}, b"", "192.0.2.1")


def post(body: str, authorization: str | None = None) -> Request:
    headers = {} if authorization is None else {"authorization": authorization}
    return Request("POST", "/token", "client_id=query", headers, body.encode("latin-1"), "192.0.2.1")


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
        (get("scope=openid&client_id=rp-1&state=x"), "rp-1"),
        (get("my_client_id=rp"), None),
        (get("client_id="), None),
        (get("client_id=a%20b"), None),
        (post("grant_type=x&client_id=rp"), "rp"),
        (post("grant_type=x"), None),
        (post("grant_type=x", basic("rp:secret")), "rp"),
        (post("grant_type=x", basic("a b:secret")), None),
        (post("grant_type=x", "Basic !"), None),
        (post("grant_type=x", "Bearer token"), None),
        (post("client_assertion=" + assertion({"sub": "rp"})), "rp"),
        (post("client_assertion=" + assertion({"sub": "<script>"})), None),
        (post("client_assertion=" + assertion(["sub"])), None),
        (get("id_token_hint=" + assertion({"aud": "rp"})), "rp"),
        (post("id_token_hint=" + assertion({"aud": "rp"})), "rp"),
        (get("id_token_hint=" + assertion({"aud": "<script>"})), None),
        (get("id_token_hint=" + assertion({"aud": ["rp"]})), None),
        (get("id_token_hint=" + assertion({"sub": "rp"})), None),
        (get("id_token_hint=a.b.c"), None),
        (get("id_token_hint=x"), None),
    ],
)
def test_the_claimed_client_is_found_where_it_stands(request_: Request, client_id: str | None) -> None:
    assert find_claimed_client_id(request_) == client_id


@given(st.text(max_size=200), st.none() | st.text(max_size=100), st.binary(max_size=300), st.booleans())
def test_no_request_breaks_it(query: str, header: str | None, body: bytes, is_post: bool) -> None:
    headers = {} if header is None else {"authorization": header}
    request = Request("POST" if is_post else "GET", "/token", query, headers, body, "192.0.2.1")
    found = find_claimed_client_id(request)
    assert found is None or len(found) <= 64
