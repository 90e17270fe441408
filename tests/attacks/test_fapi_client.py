"""The FAPI 2.0 profiles: one honest client, and one that breaks each rule and is refused with the right code."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import register_client
from tests.attacks.refusals import assert_page
from tests.support.fapi_client import FapiClient, json_bytes
from tests.support.provider import ISSUER, Provider

SIGNED = {"authorization_signed_response_alg": "ES256", "request_object_signing_alg": "ES256"}


@pytest.fixture
def client(provider: Provider) -> FapiClient:
    return FapiClient(provider, grant_types=["authorization_code", "refresh_token"])


def code_of(client: FapiClient) -> str:
    browser = client.provider.browser()
    browser.authorize(client.begun(client.push()))
    browser.use_sandbox_card()
    return client.party.code(browser.agree())


def error_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def test_f2_f16_the_honest_client_signs_people_in_with_bound_tokens(client: FapiClient) -> None:
    """FAPI 2.0 Security Profile: PAR, private_key_jwt, S256, DPoP; F9: its refresh token is kept."""
    tokens = client.redeem(code_of(client), client.proof("/token")).get_json()
    assert tokens["token_type"] == "DPoP"
    access = tokens["access_token"]
    told = client.userinfo(access, client.proof("/userinfo", "GET", access_token=access))
    assert told.get_json()["sub"] == client.party.claims(tokens["id_token"])["sub"]
    again = client.refresh(tokens["refresh_token"], client.proof("/token")).get_json()
    assert again.get("refresh_token", tokens["refresh_token"]) == tokens["refresh_token"]
    assert client.refresh(tokens["refresh_token"], client.proof("/token")).status_code == 200


def test_f17_a_request_that_was_not_pushed_is_refused(client: FapiClient) -> None:
    browser = client.provider.browser()
    browser.authorize(client.party.request())
    assert client.party.answer(browser.last)["error"] == "invalid_request"


def test_f18_a_push_without_proof_of_the_client_is_refused(client: FapiClient) -> None:
    assert error_of(client.post("/par", client.party.request())) == (401, "invalid_client")


@pytest.mark.parametrize("audience", [f"{ISSUER}/par", f"{ISSUER}/token", "https://elsewhere.example"])
def test_f8_an_assertion_for_anything_but_the_issuer_is_refused(client: FapiClient, audience: str) -> None:
    """U1, U2: not even the very endpoint."""
    assert error_of(client.push(audience)) == (401, "invalid_client")
    assert error_of(client.redeem(code_of(client), client.proof("/token"), f"{ISSUER}/token")) == (
        401,
        "invalid_client",
    )


def test_f27_an_assertion_in_rs256_is_refused(provider: Provider) -> None:
    rsa = RSAKey.generate_key(2048, {"use": "sig"})
    client = FapiClient(provider)
    provider.change_client(replace(client.party.client, jwks={"keys": [rsa.as_dict(private=False)]}))
    form = client.party.request() | client.credentials()
    for alg, expected in (("PS256", 201), ("RS256", 401)):
        form["client_assertion"] = client_assertion(client, rsa, alg)
        assert client.post("/par", form).status_code == expected


def client_assertion(client: FapiClient, key: RSAKey, alg: str) -> str:
    now = int(client.provider.clock().timestamp())
    claims: dict[str, Any] = {
        "iss": client.client_id, "sub": client.client_id, "aud": ISSUER, "exp": now + 60, "jti": alg
    }  # fmt: skip
    return jws.serialize_compact({"alg": alg}, json_bytes(claims), key, algorithms=[alg])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://elsewhere.example/cb"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_f15_f19_f20_a_request_outside_the_profile_is_refused_at_the_push(
    client: FapiClient, changes: dict[str, str | None], code: str
) -> None:
    assert error_of(client.push(**changes)) == (400, code)


def test_f4_f32_no_token_without_a_proof_and_none_is_good_as_a_bearer(client: FapiClient) -> None:
    assert error_of(client.redeem(code_of(client), None)) == (400, "invalid_dpop_proof")
    access = client.redeem(code_of(client), client.proof("/token")).get_json()["access_token"]
    assert error_of(client.userinfo(access, None, "Bearer")) == (401, "invalid_token")


def test_f23_a_code_is_good_once(client: FapiClient) -> None:
    code = code_of(client)
    assert client.redeem(code, client.proof("/token")).status_code == 200
    assert error_of(client.redeem(code, client.proof("/token"))) == (400, "invalid_grant")


def test_f11_a_code_is_good_for_a_minute(client: FapiClient) -> None:
    code = code_of(client)
    client.provider.clock.advance(61)
    assert error_of(client.redeem(code, client.proof("/token"))) == (400, "invalid_grant")


def test_f26_a_pushed_request_is_good_for_less_than_ten_minutes(client: FapiClient) -> None:
    pushed = client.push()
    assert pushed.get_json()["expires_in"] < 600
    client.provider.clock.advance(pushed.get_json()["expires_in"] + 1)
    assert_page(client.provider.browser().authorize(client.begun(pushed)), 410)


@pytest.mark.parametrize(
    "changed",
    [
        {"token_endpoint_auth_method": "client_secret_basic", "jwks": None},
        {"token_endpoint_auth_method": "none", "jwks": None, "application_type": "native"},
        {"redirect_uris": ["http://127.0.0.1/cb"]},
        {"id_token_signed_response_alg": "RS256"},
        {"userinfo_signed_response_alg": "RS256"},
        {"request_object_signing_alg": "RS256"},
        {"authorization_signed_response_alg": "RS256"},
        {"introspection_signed_response_alg": "RS256"},
        {"require_pkce": False},
        {"require_pushed_authorization_requests": False},
        {"dpop_bound_access_tokens": False},
        {"profile": "fapi1"},
        {"profile": "fapi2-message-signing"},
        {"profile": "fapi2-message-signing", **SIGNED, "require_signed_request_object": False},
    ],
    ids=str,
)
def test_f3_f6_f22_f27_metadata_that_contradicts_the_profile_is_refused(
    client: FapiClient, changed: dict[str, Any]
) -> None:
    """F3 confidential clients, F6 their methods, F22 no plain http even in a sandbox, F27 no RS256."""
    metadata = {
        "client_name": "Bank",
        "redirect_uris": ["https://bank.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [client.key.as_dict(private=False)]},
        "profile": "fapi2",
    }
    now = client.provider.clock()
    register_client(metadata, sandbox=True, now=now)
    asked = {name: value for name, value in (metadata | changed).items() if value is not None}
    with pytest.raises(OAuthError) as refused:
        register_client(asked, sandbox=True, now=now)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


def test_messages_are_signed_both_ways(provider: Provider) -> None:
    """FAPI 2.0 Message Signing §5.3, §5.4: a signed request in, a signed answer out, and nothing else."""
    client = FapiClient(provider, "fapi2-message-signing", **SIGNED)
    assert error_of(client.push(response_mode="jwt")) == (400, "invalid_request")
    unsigned_answer = client.post("/par", {"request": client.request_object(), **client.credentials()})
    assert error_of(unsigned_answer) == (400, "invalid_request")
    signed = client.request_object(response_mode="jwt")
    browser = provider.browser()
    browser.authorize(client.begun(client.post("/par", {"request": signed, **client.credentials()})))
    browser.use_sandbox_card()
    response = client.party.answer(browser.agree())
    assert response.keys() == {"response"}
    answer = client.party.claims(response["response"])
    assert (answer["iss"], answer["aud"]) == (ISSUER, client.client_id)
    assert client.redeem(answer["code"], client.proof("/token")).get_json()["token_type"] == "DPoP"
