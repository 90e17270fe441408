"""What a script of another site can read, and a token where addresses are logged."""

import pytest
from werkzeug.test import Client

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

EVIL = {"Origin": "https://evil.example"}
READABLE = ("/token", "/userinfo", "/revoke")
DOCUMENTS = (
    "/jwks",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/openapi.json",
)
PAGES = (
    "/",
    "/authorize",
    "/authorize/posted/x",
    "/login/x",
    "/card",
    "/card/return/x",
    "/account",
    "/sign-out",
    "/none",
)


@pytest.mark.parametrize("path", PAGES)
def test_r23_no_page_and_no_authorization_request_is_read_by_another_origin(provider: Provider, path: str) -> None:
    """R23, F31."""
    client = Client(provider.app, use_cookies=False)
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.open(path, method=method, headers={**EVIL, "Access-Control-Request-Method": "GET"})
        assert [name for name, _ in answer.headers if name.lower().startswith("access-control-")] == []


@pytest.mark.parametrize("path", READABLE)
def test_r23_a_browsers_client_may_call_the_token_endpoints_without_its_cookies(provider: Provider, path: str) -> None:
    client = Client(provider.app, use_cookies=False)
    answer = client.open(path, method="OPTIONS", headers={**EVIL, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", DOCUMENTS)
def test_r23_documents_may_be_read_by_everybody(provider: Provider, path: str) -> None:
    answer = Client(provider.app, use_cookies=False).get(path, headers=EVIL)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_o4_an_access_token_in_the_query_is_none(provider: Provider, relying_party: RelyingParty, method: str) -> None:
    """RFC 9700 §4.3.2: an address ends in logs and histories."""
    token = relying_party.sign_in(provider.browser())["access_token"]
    assert relying_party.userinfo(token).status_code == 200
    answer = Client(provider.app, use_cookies=False).open(
        "/userinfo", method=method, query_string={"access_token": token}
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
