"""Sign-ins of clients whose answers nobody between may read (provider checklist 2a.8)."""

import json

import pytest
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from werkzeug.test import Client as HttpClient

from tests.support.encrypting_client import EncryptionKey
from tests.support.provider import Provider


def read_signed(provider: Provider, token: str, alg: str) -> dict[str, object]:
    """The claims, verified by jwcrypto with the published keys."""
    jwks = (
        HttpClient(provider.app, use_cookies=False)
        .get("/jwks", base_url=provider.settings.issuer)
        .get_data(as_text=True)
    )
    signed = JWS()
    signed.allowed_algs = [alg]
    signed.deserialize(token)
    signed.verify(JWKSet.from_json(jwks).get_key(signed.jose_header["kid"]))
    assert signed.jose_header["alg"] == alg
    return dict(json.loads(signed.payload))


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_a_client_gets_the_algorithm_that_it_registered(provider: Provider, alg: str) -> None:
    party = provider.relying_party(id_token_signed_response_alg=alg, userinfo_signed_response_alg=alg)
    tokens = party.sign_in(provider.browser())
    claims = read_signed(provider, tokens["id_token"], alg)
    answer = party.userinfo(tokens["access_token"])
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/jwt", "no-store")
    told = read_signed(provider, answer.get_data(as_text=True), alg)
    assert told == {"sub": claims["sub"], "iss": provider.settings.issuer, "aud": party.client.client_id}


@pytest.mark.parametrize("alg", ["ECDH-ES+A256KW", "RSA-OAEP-256"])
def test_id_token_and_userinfo_are_signed_and_encrypted(provider: Provider, alg: str) -> None:
    key = EncryptionKey(alg)
    party = provider.relying_party(
        jwks={"keys": [key.jwk]},
        id_token_encrypted_response_alg=alg,
        id_token_encrypted_response_enc="A256GCM",
        userinfo_signed_response_alg="ES256",
        userinfo_encrypted_response_alg=alg,
    )
    tokens = party.sign_in(provider.browser())
    claims = read_signed(provider, key.decrypt(tokens["id_token"]), "ES256")
    answer = party.userinfo(tokens["access_token"])
    assert answer.mimetype == "application/jwt"
    told = read_signed(provider, key.decrypt(answer.get_data(as_text=True)), "ES256")
    assert told["sub"] == claims["sub"]


def test_a_decrypted_id_token_is_a_good_hint(provider: Provider) -> None:
    """OIDC Core §3.1.2.1, id_token_hint."""
    key = EncryptionKey("ECDH-ES")
    party = provider.relying_party(jwks={"keys": [key.jwk]}, id_token_encrypted_response_alg="ECDH-ES")
    browser = provider.browser()
    tokens = party.sign_in(browser)
    hint = key.decrypt(tokens["id_token"])
    assert "code" in party.answer(browser.authorize(party.request(prompt="none", id_token_hint=hint)))
    refused = browser.authorize(party.request(prompt="none", id_token_hint=tokens["id_token"]))
    assert party.answer(refused)["error"] == "invalid_request"


def test_nothing_of_an_encrypted_answer_is_in_the_log(provider: Provider) -> None:
    key = EncryptionKey("ECDH-ES+A256KW")
    party = provider.relying_party(jwks={"keys": [key.jwk]}, id_token_encrypted_response_alg=key.alg)
    tokens = party.sign_in(provider.browser())
    for secret in (tokens["id_token"], key.decrypt(tokens["id_token"]), key.jwk["x"]):
        assert secret not in provider.log.getvalue()
