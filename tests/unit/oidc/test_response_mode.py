"""The ways of an answer: OAuth 2.0 Multiple Response Types, Form Post Response Mode, JARM."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from idp.oidc.authorization_request import identify, parse_authorization_request
from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.oidc.response_mode import RESPONSE_MODES, FormPost, deliver_response, parse_response_mode
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    REDIRECT_URI,
    RealSigner,
    authorization_parameters,
    make_client,
    make_public_client,
)

SIGNER = RealSigner()


def deliver(mode: str | None, client: Client | None = None, state: str | None = "s") -> str | FormPost:
    redirect = verify_redirect_uri(client or make_client(), REDIRECT_URI, state, mode)
    return deliver_response(redirect.success("c0de", ISSUER), SIGNER, NOW)


def claims_of(token: str, alg: str) -> dict[str, Any]:
    verified = jws.deserialize_compact(token, SIGNER.keys[alg], algorithms=[alg])
    return dict(json.loads(verified.payload))


@pytest.mark.parametrize("mode", [None, "", "query"])
def test_the_query_is_the_default_of_the_code_flow(mode: str | None) -> None:
    location = deliver(mode)
    assert isinstance(location, str)
    assert parse_qs(urlsplit(location).query) == {"code": ["c0de"], "state": ["s"], "iss": [ISSUER]}


def test_a_form_goes_to_the_redirect_uri_with_the_parameters_of_the_answer() -> None:
    assert deliver("form_post") == FormPost(REDIRECT_URI, {"code": "c0de", "state": "s", "iss": ISSUER})


@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_jwt_is_the_query_with_one_signed_parameter(mode: str) -> None:
    """JARM §2.3.1, §2.3.4."""
    location = deliver(mode)
    assert isinstance(location, str)
    answer = parse_qs(urlsplit(location).query)
    assert list(answer) == ["response"]
    claims = claims_of(answer["response"][0], "RS256")
    lifetime = timedelta(seconds=claims.pop("exp") - NOW.timestamp())
    assert timedelta(0) < lifetime <= timedelta(minutes=10)
    assert claims == {"iss": ISSUER, "aud": "rp", "code": "c0de", "state": "s"}


def test_form_post_jwt_is_a_form_with_one_signed_parameter() -> None:
    form = deliver("form_post.jwt", state="\n")
    assert isinstance(form, FormPost)
    assert list(form.fields) == ["response"]
    assert claims_of(form.fields["response"], "RS256")["state"] == "\n"


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_response_is_signed_as_its_client_registered(algorithm: str) -> None:
    client = make_client(options=ClientOptions(authorization_signed_response_alg=algorithm))
    location = deliver("jwt", client)
    assert isinstance(location, str)
    assert claims_of(parse_qs(urlsplit(location).query)["response"][0], algorithm)["aud"] == "rp"


@pytest.mark.parametrize("mode", ["fragment", "fragment.jwt", "web_message", "Query", "form_post ", "query form_post"])
def test_an_unknown_mode_is_refused_by_the_query(mode: str) -> None:
    parameters = authorization_parameters(response_mode=mode)
    client, redirect = identify(parameters, MemoryClients(make_client()))
    with pytest.raises(AuthorizationRefused) as refused:
        parse_authorization_request(parameters, client, redirect, id_token_hints=SIGNER)
    assert refused.value.error.code is ErrorCode.INVALID_REQUEST
    assert refused.value.to.response_mode == "query"


@pytest.mark.parametrize(("mode", "kept"), [("form_post", "form_post"), ("jwt", "query.jwt")])
def test_a_refusal_goes_back_in_the_mode_asked_for(mode: str, kept: str) -> None:
    parameters = authorization_parameters(response_mode=mode, response_type="token")
    client, redirect = identify(parameters, MemoryClients(make_client()))
    with pytest.raises(AuthorizationRefused) as refused:
        parse_authorization_request(parameters, client, redirect, id_token_hints=SIGNER)
    assert refused.value.to.response_mode == kept
    response = refused.value.to.error(refused.value.error, ISSUER)
    assert response.parameters["error"] == "unsupported_response_type"
    assert response.parameters["state"] == "af0ifjsldkj"


def test_a_mode_asked_for_twice_is_no_mode() -> None:
    parameters = authorization_parameters(("response_mode", "form_post"), response_mode="jwt")
    _, redirect = identify(parameters, MemoryClients(make_client()))
    assert redirect.response_mode == "query"


@pytest.mark.parametrize("mode", ["form_post", "form_post.jwt"])
def test_no_form_goes_to_an_applications_own_scheme(mode: str) -> None:
    uri = "com.example.app:/cb"
    with pytest.raises(OAuthError) as refused:
        parse_response_mode(mode, uri, None)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    assert verify_redirect_uri(make_public_client(redirect_uris=(uri,)), uri, None, mode).response_mode == "query"


@pytest.mark.parametrize("state", ["a\nb", "a\rb", "\u3042", "\x7f"])
def test_a_state_that_a_form_would_change_is_refused(state: str) -> None:
    with pytest.raises(OAuthError) as refused:
        parse_response_mode("form_post", REDIRECT_URI, state)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    assert parse_response_mode("query", REDIRECT_URI, state) == "query"


def test_the_mode_outlives_the_transient_store() -> None:
    parameters = authorization_parameters(response_mode="form_post.jwt")
    client, redirect = identify(parameters, MemoryClients(make_client()))
    request = parse_authorization_request(parameters, client, redirect, id_token_hints=SIGNER)
    assert request.response_mode == "form_post.jwt"
    assert type(request).from_json(json.loads(json.dumps(request.to_json()))) == request
    before = {name: value for name, value in request.to_json().items() if name != "response_mode"}
    assert type(request).from_json(before) == replace(request, response_mode="query")


@given(mode=st.text(max_size=20), state=st.none() | st.text(max_size=20))
def test_any_text_is_a_mode_or_a_refusal(mode: str, state: str | None) -> None:
    try:
        found = parse_response_mode(mode, REDIRECT_URI, state)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST
    else:
        assert found in RESPONSE_MODES
        assert mode in ("", *RESPONSE_MODES)


KEY = EncryptionKey("ECDH-ES+A256KW")
ENCRYPTED = ClientOptions(authorization_encrypted_response_alg=KEY.alg, authorization_signed_response_alg="ES256")


def deliver_encrypted(mode: str | None, *, is_refusal: bool = False) -> str | FormPost:
    client = make_client(options=ENCRYPTED, jwks={"keys": [KEY.jwk]})
    redirect = verify_redirect_uri(client, REDIRECT_URI, "s", mode, MemoryClients(client))
    response = redirect.success("c0de", ISSUER)
    if is_refusal:
        response = redirect.error(OAuthError(ErrorCode.ACCESS_DENIED, "No."), ISSUER)
    return deliver_response(response, SIGNER, NOW)


@pytest.mark.parametrize("is_refusal", [False, True])
@pytest.mark.parametrize("mode", ["jwt", "query.jwt", None, "query", "unknown", "fragment"])
def test_an_answer_is_encrypted_around_its_signature_whatever_was_asked_for(
    mode: str | None, *, is_refusal: bool
) -> None:
    """JARM §2.2, §3: signed, then encrypted; also what refuses a request for a plain mode."""
    location = deliver_encrypted(mode, is_refusal=is_refusal)
    assert isinstance(location, str)
    answer = parse_qs(urlsplit(location).query)
    assert list(answer) == ["response"]
    header = KEY.read_header(answer["response"][0])
    assert (header["cty"], header["enc"], header["kid"]) == ("JWT", "A128CBC-HS256", "client-enc")
    claims = claims_of(KEY.decrypt(answer["response"][0]), "ES256")
    assert (claims["iss"], claims["aud"], claims["state"]) == (ISSUER, "rp", "s")
    assert ("error" if is_refusal else "code") in claims


@pytest.mark.parametrize("mode", ["form_post.jwt", "form_post"])
def test_a_form_carries_one_encrypted_parameter(mode: str) -> None:
    form = deliver_encrypted(mode)
    assert isinstance(form, FormPost)
    assert list(form.fields) == ["response"]
    assert claims_of(KEY.decrypt(form.fields["response"]), "ES256")["code"] == "c0de"


@pytest.mark.parametrize("mode", [None, "query", "form_post"])
def test_a_client_of_encrypted_answers_is_refused_a_plain_mode(mode: str | None) -> None:
    """Whoever writes the link does not choose whether the code travels encrypted."""
    client = make_client(options=ENCRYPTED, jwks={"keys": [KEY.jwk]})
    clients = MemoryClients(client)
    parameters = authorization_parameters(response_mode=mode)
    _, redirect = identify(parameters, clients)
    with pytest.raises(AuthorizationRefused) as refused:
        parse_authorization_request(parameters, client, redirect, id_token_hints=SIGNER)
    assert refused.value.error.code is ErrorCode.INVALID_REQUEST
    assert refused.value.to.encryption is not None


@pytest.mark.parametrize("keys", [MemoryClients(), None])
def test_without_a_key_there_is_nowhere_to_answer_to(keys: MemoryClients | None) -> None:
    client = make_client(options=ENCRYPTED)
    for mode in ("jwt", "query", None):
        with pytest.raises(NoEncryptionKey):
            verify_redirect_uri(client, REDIRECT_URI, "s", mode, keys)
