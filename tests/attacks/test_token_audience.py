"""A token for one resource server, over HTTP: no use elsewhere, and no word about it to others."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

API, OTHER = "https://api.example", "https://other.example"


@pytest.fixture(params=["opaque", "jwt"])
def party(provider: Provider, request: pytest.FixtureRequest) -> RelyingParty:
    return provider.relying_party(access_token_format=request.param, resources=[API, OTHER])


@pytest.fixture
def server(provider: Provider) -> RelyingParty:
    return provider.relying_party(protected_resources=[API], grant_types=[], redirect_uris=[])


def introspect(caller: RelyingParty, token: str) -> dict[str, Any]:
    answer = caller.post("/introspect", {"token": token})
    assert answer.status_code == 200, answer.get_data()
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def test_a_token_for_a_resource_server_is_good_there_and_nowhere_else(
    provider: Provider, party: RelyingParty, server: RelyingParty
) -> None:
    tokens = party.sign_in(provider.browser(), resource=API)
    told = introspect(server, tokens["access_token"])
    assert (told["active"], told["aud"], told["sub"]) == (True, API, party.sub(tokens))
    assert party.userinfo(tokens["access_token"]).status_code == 401
    stranger = provider.relying_party(protected_resources=[OTHER], grant_types=[], redirect_uris=[])
    assert introspect(stranger, tokens["access_token"]) == {"active": False}


def test_a_revoked_token_is_inactive_at_once(provider: Provider, party: RelyingParty, server: RelyingParty) -> None:
    token = party.sign_in(provider.browser(), resource=API)["access_token"]
    assert introspect(server, token)["active"]
    assert server.post("/revoke", {"token": token}).status_code == 200
    assert introspect(server, token)["active"]
    assert party.post("/revoke", {"token": token}).status_code == 200
    assert introspect(server, token) == {"active": False}


def test_an_unregistered_resource_goes_back_to_the_client_as_an_error(provider: Provider, party: RelyingParty) -> None:
    browser = provider.browser()
    answer = party.answer(browser.authorize(party.request(resource="https://evil.example")))
    assert answer["error"] == "invalid_target"


def test_a_resource_server_signs_nobody_in(provider: Provider, server: RelyingParty) -> None:
    browser = provider.browser()
    parameters = {"client_id": server.client.client_id, "response_type": "code", "scope": "openid"}
    for redirect_uri in ("https://evil.example/cb", "", API):
        answer: TestResponse = browser.authorize(parameters | {"redirect_uri": redirect_uri})
        assert answer.status_code == 400
        assert "Location" not in answer.headers
    refused = server.post("/token", {"grant_type": "authorization_code", "code": "x"})
    assert refused.get_json()["error"] == "unauthorized_client"


def test_a_signed_answer_has_its_own_media_type(provider: Provider, server: RelyingParty) -> None:
    signed = provider.relying_party(
        protected_resources=[API], grant_types=[], redirect_uris=[], introspection_signed_response_alg="ES256"
    )
    answer = signed.post("/introspect", {"token": "x" * 43})
    assert answer.mimetype == "application/token-introspection+jwt"
    claims = signed.claims(answer.get_data(as_text=True))
    assert claims["token_introspection"] == {"active": False}
    assert claims["aud"] == signed.client.client_id


def test_a_resource_server_learns_nothing_of_what_another_one_is_to_do(provider: Provider) -> None:
    """RFC 9396 §9: neither by introspection nor out of a JWT for it, nor by asking for more at the token endpoint."""
    types = '[{type = "transfer", members = ["locations", "to"], ja = "振込", en = "Transfer"}]'
    again = provider.restart(IDP_OIDC__AUTHORIZATION_DETAILS=types)
    mine, other = "https://api.example", "https://bank.example"
    party = again.relying_party(
        resources=[mine, other], access_token_format="jwt", authorization_details_types=["transfer"]
    )
    server = again.relying_party(protected_resources=[mine], grant_types=[], redirect_uris=[])
    secret = {"type": "transfer", "locations": [other], "to": "山田花子"}
    parameters = party.request(authorization_details=json.dumps([secret]))
    browser = again.browser()
    browser.get("/authorize?" + urlencode([*parameters.items(), ("resource", mine), ("resource", other)]))
    browser.use_sandbox_card()
    code = party.code(browser.agree())
    assert party.redeem(code, authorization_details=json.dumps([{**secret, "to": "x"}])).status_code == 400
    tokens = party.redeem(code, resource=mine).get_json()
    assert tokens["authorization_details"] == [secret]
    told = server.post("/introspect", {"token": tokens["access_token"]}).get_json()
    assert told["active"] is True
    assert "authorization_details" not in told
    assert "authorization_details" not in party.claims(tokens["access_token"])
    again.close()
