"""Pushed authorization requests (RFC 9126): checked as at /authorize, kept for one client and one use."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt

from idp.clock import to_epoch_seconds
from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.pushed_request import REQUEST_URI_PREFIX, take_pushed_request
from idp.oidc.pushed_request_endpoint import PushedRequestDependencies, answer_pushed_request
from idp.oidc.received_request import ReceivedRequest
from idp.oidc.request_sources import RequestSources, check_received, receive_request
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce, MemoryPushed
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    REDIRECT_URI,
    SECRET,
    TOKEN_ENDPOINT,
    RealSigner,
    authorization_parameters,
    basic,
    ec_key,
    encode,
    make_assertion_client,
    make_client,
    make_public_client,
)

ENDPOINT = f"{ISSUER}/par"
LIFETIME = timedelta(seconds=90)


def make_assertion(audience: object) -> str:
    now = to_epoch_seconds(NOW)
    claims = {"iss": "rp", "sub": "rp", "aud": audience, "iat": now, "exp": now + 60, "jti": "j"}
    return jwt.encode({"alg": "ES256"}, claims, ec_key())


@dataclass
class World:
    client: Client = field(default_factory=make_client)
    pushed: MemoryPushed = field(default_factory=MemoryPushed)
    is_required: bool = False

    @property
    def sources(self) -> RequestSources:
        return RequestSources(
            issuer=ISSUER,
            clients=MemoryClients(self.client),
            pushed=self.pushed,
            once=MemoryOnce(),
            require_pushed_authorization_requests=self.is_required,
        )

    def push(self, parameters: Parameters, header: str | None = None) -> dict[str, Any]:
        dependencies = PushedRequestDependencies(
            issuer=ISSUER,
            endpoint_url=ENDPOINT,
            clients=MemoryClients(self.client, make_client(client_id="other")),
            once=MemoryOnce(),
            sources=self.sources,
            id_token_hints=RealSigner(),
            claims_policy=None,
            lifetime=LIFETIME,
        )
        return answer_pushed_request(parameters, header, dependencies, NOW)

    def refusal(self, parameters: Parameters, header: str | None = None) -> OAuthError:
        with pytest.raises(OAuthError) as refused:
            self.push(parameters, header)
        assert self.pushed.kept == {}
        return refused.value

    def receive(self, now: Any = NOW, **parameters: str) -> ReceivedRequest:
        return receive_request(encode(**parameters), self.sources, now)


def test_f26_a_reference_is_256_random_bits_and_lives_for_less_than_600_seconds() -> None:
    world = World()
    answer = world.push(authorization_parameters(), basic())
    again = world.push(authorization_parameters(), basic())
    assert set(answer) == {"request_uri", "expires_in"}
    assert re.fullmatch(re.escape(REQUEST_URI_PREFIX) + "[A-Za-z0-9_-]{43}", answer["request_uri"])
    assert answer["request_uri"] != again["request_uri"]
    assert 5 <= answer["expires_in"] < 600


def test_what_was_pushed_is_all_that_counts() -> None:
    """RFC 9101 §6.3, RFC 9126 §4: parameters beside request_uri add nothing and change nothing."""
    world = World()
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    received = world.receive(
        client_id="rp", request_uri=uri, redirect_uri="https://evil.example/", prompt="none", x="y"
    )
    assert received.is_pushed
    assert sorted(received.parameters.pairs) == sorted(authorization_parameters().pairs)


def test_credentials_are_not_kept() -> None:
    world = World(make_client(token_endpoint_auth_method="client_secret_post"))
    uri = world.push(authorization_parameters(client_secret=SECRET))["request_uri"]
    kept = b"".join(value for value, _ in world.pushed.kept.values())
    assert SECRET.encode() not in kept
    assert uri.encode() not in kept
    assert world.receive(client_id="rp", request_uri=uri).parameters.get("client_secret") is None


def test_a_reference_is_good_once() -> None:
    world = World()
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    world.receive(client_id="rp", request_uri=uri)
    with pytest.raises(OAuthError) as refused:
        world.receive(client_id="rp", request_uri=uri)
    assert refused.value.code is ErrorCode.INVALID_REQUEST_URI


@pytest.mark.parametrize(("seconds", "is_good"), [(89, True), (90, False), (91, False)])
def test_a_reference_expires_on_the_second(seconds: int, is_good: bool) -> None:
    world = World()
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    now = NOW + timedelta(seconds=seconds)
    if is_good:
        assert world.receive(now, client_id="rp", request_uri=uri).is_pushed
    else:
        with pytest.raises(OAuthError) as refused:
            world.receive(now, client_id="rp", request_uri=uri)
        assert refused.value.code is ErrorCode.INVALID_REQUEST_URI


@pytest.mark.parametrize("client_id", ["other", "", "rp ", "RP"])
def test_another_client_neither_gets_nor_spends_a_reference(client_id: str) -> None:
    world = World()
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    with pytest.raises(OAuthError) as refused:
        take_pushed_request(uri, client_id, world.pushed, NOW)
    assert refused.value.code is ErrorCode.INVALID_REQUEST_URI
    assert take_pushed_request(uri, "rp", world.pushed, NOW).is_pushed


@pytest.mark.parametrize("name", ["client_id", "request_uri"])
def test_a_doubled_reference_is_no_reference(name: str) -> None:
    world = World()
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    twice = encode((name, "x"), client_id="rp", request_uri=uri)
    with pytest.raises(OAuthError) as refused:
        receive_request(twice, world.sources, NOW)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    assert world.receive(client_id="rp", request_uri=uri).is_pushed


def test_f18_without_client_authentication_nothing_is_kept() -> None:
    for header in (None, basic(secret="wrong"), basic("nobody")):
        assert World().refusal(authorization_parameters(), header).code is ErrorCode.INVALID_CLIENT


def test_u2_an_assertion_names_the_issuer_or_this_very_endpoint() -> None:
    client = make_assertion_client()
    for aud, is_good in ((ISSUER, True), (ENDPOINT, True), (TOKEN_ENDPOINT, False), ([ISSUER], False)):
        world = World(client)
        assertion = make_assertion(aud)
        parameters = authorization_parameters(
            client_assertion=assertion,
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        if is_good:
            uri = world.push(parameters)["request_uri"]
            assert world.receive(client_id="rp", request_uri=uri).parameters.get("client_assertion") is None
        else:
            assert world.refusal(parameters).code is ErrorCode.INVALID_CLIENT


def test_a_public_client_may_push_what_nobody_can_then_change() -> None:
    """RFC 9126 §2: client authentication as registered."""
    world = World(make_public_client())
    assert world.push(authorization_parameters())["request_uri"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"redirect_uri": None}, ErrorCode.INVALID_REQUEST),
        ({"redirect_uri": "https://evil.example/"}, ErrorCode.INVALID_REQUEST),
        ({"request_uri": REQUEST_URI_PREFIX + "a" * 43}, ErrorCode.INVALID_REQUEST),
        ({"request_uri": "https://rp.example/request.jwt"}, ErrorCode.INVALID_REQUEST),
        ({"registration": "{}"}, ErrorCode.REGISTRATION_NOT_SUPPORTED),
        ({"response_type": "token"}, ErrorCode.UNSUPPORTED_RESPONSE_TYPE),
        ({"response_mode": "fragment"}, ErrorCode.INVALID_REQUEST),
        ({"scope": "profile"}, ErrorCode.INVALID_SCOPE),
        ({"code_challenge": None, "code_challenge_method": None}, ErrorCode.INVALID_REQUEST),
        ({"code_challenge_method": "plain"}, ErrorCode.INVALID_REQUEST),
        ({"prompt": "none login"}, ErrorCode.INVALID_REQUEST),
        ({"id_token_hint": "x"}, ErrorCode.INVALID_REQUEST),
        ({"client_id": "other"}, ErrorCode.INVALID_CLIENT),
    ],
)
def test_a_pushed_request_is_checked_as_at_the_authorization_endpoint(
    changed: dict[str, str | None], code: ErrorCode
) -> None:
    """F19, F20: PKCE and redirect_uri are required. RFC 9126 §2.1: no request_uri."""
    assert World().refusal(authorization_parameters(**changed), basic()).code is code


def test_a_parameter_twice_is_refused() -> None:
    error = World().refusal(authorization_parameters(("scope", "openid")), basic())
    assert error.code is ErrorCode.INVALID_REQUEST


def test_client_id_may_be_left_to_the_header() -> None:
    world = World()
    uri = world.push(authorization_parameters(client_id=None), basic())["request_uri"]
    assert world.receive(client_id="rp", request_uri=uri).parameters.get("client_id") == "rp"


@pytest.mark.parametrize(("by_setting", "by_client"), [(True, False), (False, True)])
def test_f17_where_pushing_is_required_nothing_else_is_received(by_setting: bool, by_client: bool) -> None:
    client = make_client(options=ClientOptions(require_pushed_authorization_requests=by_client))
    world = World(client, is_required=by_setting)
    plain = receive_request(authorization_parameters(), world.sources, NOW)
    with pytest.raises(OAuthError) as refused:
        check_received(plain, client, world.sources)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    uri = world.push(authorization_parameters(), basic())["request_uri"]
    check_received(world.receive(client_id="rp", request_uri=uri), client, world.sources)


def test_a_request_uri_of_another_kind_is_left_for_the_checks() -> None:
    received = World().receive(client_id="rp", redirect_uri=REDIRECT_URI, request_uri="https://rp.example/r.jwt")
    assert received.parameters.get("request_uri") == "https://rp.example/r.jwt"
    assert not received.is_pushed
