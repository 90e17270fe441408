"""What a resource server is told of an access token, and what nobody is: RFC 7662, RFC 9701."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws

from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.errors import ErrorCode
from idp.oidc.introspection import (
    Introspection,
    IntrospectionDependencies,
    answer_introspection_request,
    is_signed_answer_wanted,
    sign_introspection,
)
from idp.oidc.registration import client_to_metadata, register_client
from tests.support.dpop_key import DPoPKey
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    USER_AUTHENTICATION,
    basic,
    encode,
    make_client,
    make_public_client,
)
from tests.unit.oidc.token_world import ACCESS_TOKEN_SECONDS, OFFLINE, TokenWorld, refusal_of

API, OTHER = "https://api.example", "https://other.example"
INACTIVE = {"active": False}
SERVER = make_client(
    client_id="api", sector="client:api", redirect_uris=(), options=ClientOptions(protected_resources=(API,))
)


class World(TokenWorld):
    def __init__(self, resources: tuple[str, ...] = (API,), form: str = "opaque") -> None:
        options = ClientOptions(access_token_format=form, resources=(API, OTHER))
        super().__init__(make_client(options=options), scope=OFFLINE, resources=resources)
        self.clients = MemoryClients(self.client, self.other, SERVER, make_public_client(client_id="public"))
        self.introspecting = IntrospectionDependencies(
            issuer=ISSUER,
            endpoint_url=f"{ISSUER}/introspect",
            clients=self.clients,
            tokens=self.grants,
            once=self.once,
            signer=self.signer,
            own_tokens=self.signer,
        )

    def introspect(self, token: str | None, caller: str = "api", *, seconds: int = 0) -> dict[str, Any]:
        return answer_introspection_request(
            encode(token=token), basic(caller), self.introspecting, NOW + timedelta(seconds=seconds)
        ).members


@pytest.fixture(params=["opaque", "jwt"])
def world(request: pytest.FixtureRequest) -> World:
    return World(form=request.param)


@pytest.fixture
def token(world: World) -> str:
    return str(world.redeem()["access_token"])


def test_a_resource_server_learns_what_a_token_for_it_is_worth(world: World, token: str) -> None:
    assert world.introspect(token) == {
        "active": True,
        "iss": ISSUER,
        "client_id": "rp",
        "sub": world.grant.sub,
        "aud": API,
        "scope": "openid offline_access",
        "exp": int(NOW.timestamp()) + ACCESS_TOKEN_SECONDS,
        "auth_time": int(world.grant.auth_time.timestamp()),
        "acr": world.grant.acr,
        "token_type": "Bearer",
    }


def test_a_client_may_ask_about_its_own_tokens(world: World, token: str) -> None:
    assert world.introspect(token, "rp")["aud"] == API
    own = World(())
    assert own.introspect(own.redeem()["access_token"], "rp")["aud"] == f"{ISSUER}/userinfo"


def test_r14_a_resource_server_is_not_told_for_whom_else_a_token_is() -> None:
    world = World((API, OTHER))
    token = world.redeem()["access_token"]
    assert world.introspect(token)["aud"] == API
    assert world.introspect(token, "rp")["aud"] == [API, OTHER]


def test_r13_a_resource_server_is_told_the_key_that_a_token_is_bound_to(world: World) -> None:
    """RFC 9449 §6.2."""
    key = DPoPKey()
    token = world.redeem(proof=key.proof("POST", TOKEN_ENDPOINT, NOW))["access_token"]
    told = world.introspect(token)
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": key.thumbprint})


def test_another_caller_learns_what_it_would_of_a_token_that_never_was(world: World, token: str) -> None:
    """RFC 7662 §4: no oracle."""
    userinfo = World(())
    assert world.introspect(token, "other") == world.introspect("x" * 43, "other") == INACTIVE
    assert userinfo.introspect(userinfo.redeem()["access_token"]) == INACTIVE
    elsewhere = World((OTHER,))
    assert elsewhere.introspect(elsewhere.redeem()["access_token"]) == INACTIVE


def test_a_level_that_implies_a_status_is_not_told_of_an_old_one(world: World, token: str) -> None:
    """The status was known an hour before the sign-in."""
    for seconds, acr in ((3600, USER_AUTHENTICATION), (3599, f"{USER_AUTHENTICATION}-unchecked")):
        world.introspecting = replace(world.introspecting, status_max_age_seconds=seconds)
        assert world.introspect(token)["acr"] == acr


def test_an_ended_token_is_inactive_and_nothing_more(world: World, token: str) -> None:
    assert world.introspect(token, seconds=ACCESS_TOKEN_SECONDS) == INACTIVE
    with world.grants.writing() as writer:
        writer.revoke_grant(world.grant.grant_id, NOW)
    assert world.introspect(token) == INACTIVE


def test_refresh_tokens_codes_and_id_tokens_are_inactive(world: World) -> None:
    code, answer = world.code, world.redeem()
    for other in (answer["refresh_token"], answer["id_token"], code):
        assert world.introspect(other, "rp") == INACTIVE


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text and len(text) < 2000))
def test_no_text_gets_anything_but_inactive(text: str) -> None:
    assert World().introspect(text) == INACTIVE


def test_nobody_asks_without_proving_itself(world: World, token: str) -> None:
    """RFC 7662 §2.1."""
    for header, members in ((None, {}), (basic("api", "wrong"), {}), (None, {"client_id": "public"})):
        error = refusal_of(
            lambda header=header, members=members: answer_introspection_request(  # type: ignore[misc]
                encode(token=token, **members), header, world.introspecting, NOW
            )
        )
        assert (error.code, error.status) == (ErrorCode.INVALID_CLIENT, 401)


def test_a_request_without_a_token_or_with_two_is_invalid(world: World) -> None:
    assert refusal_of(lambda: world.introspect(None)).code is ErrorCode.INVALID_REQUEST
    doubled = encode(("token", "a"), ("token", "b"))
    error = refusal_of(lambda: answer_introspection_request(doubled, basic("api"), world.introspecting, NOW))
    assert error.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("alg", [None, "RS256"])
def test_a_signed_answer_is_the_callers_and_verifies_elsewhere(alg: str | None) -> None:
    """RFC 9701 §5, by jwcrypto; the members stand apart, so that the JWT is no access token."""
    world = World()
    caller = make_client(
        client_id="api", options=ClientOptions(protected_resources=(API,), introspection_signed_response_alg=alg)
    )
    members = world.introspect(world.redeem()["access_token"])
    signed = sign_introspection(Introspection(caller, members), world.introspecting, NOW)
    key = jwk.JWK(**world.signer.keys[alg or "ES256"].as_dict(private=False))
    verified = jws.JWS()
    verified.deserialize(signed, key)
    assert json.loads(verified.payload) == {
        "iss": ISSUER,
        "aud": "api",
        "iat": int(NOW.timestamp()),
        "token_introspection": members,
    }
    assert verified.jose_header["typ"] == "token-introspection+jwt"
    assert world.introspect(signed) == INACTIVE


KEY = EncryptionKey("RSA-OAEP-256")
ENCRYPTED = make_client(
    client_id="api",
    jwks={"keys": [KEY.jwk]},
    options=ClientOptions(
        protected_resources=(API,),
        introspection_signed_response_alg="PS256",
        introspection_encrypted_response_alg=KEY.alg,
        introspection_encrypted_response_enc="A256GCM",
    ),
)


def test_an_encrypted_answer_has_the_signed_one_inside() -> None:
    """RFC 9701 §6: signed, then encrypted, with the result being a nested JWT."""
    world = World()
    introspection = Introspection(ENCRYPTED, world.introspect(world.redeem()["access_token"]))
    answer = sign_introspection(introspection, world.introspecting, NOW)
    assert (KEY.read_header(answer)["enc"], KEY.read_header(answer)["cty"]) == ("A256GCM", "JWT")
    verified = jws.JWS()
    verified.deserialize(KEY.decrypt(answer), jwk.JWK(**world.signer.keys["PS256"].as_dict(private=False)), "PS256")
    assert json.loads(verified.payload)["token_introspection"]["active"] is True
    assert verified.jose_header["typ"] == "token-introspection+jwt"


def test_a_caller_without_a_key_to_encrypt_to_is_told_of_no_token() -> None:
    world = World()
    introspection = Introspection(replace(ENCRYPTED, jwks=None), {"active": True})
    error = refusal_of(lambda: sign_introspection(introspection, world.introspecting, NOW))
    assert isinstance(error, NoEncryptionKey)


@pytest.mark.parametrize("accept", [None, "application/json", "*/*", "application/token-introspection+jwt;q=0"])
def test_what_a_caller_accepts_takes_no_encryption_away(accept: str | None) -> None:
    assert is_signed_answer_wanted(ENCRYPTED, accept)


PLAIN, SIGNED = make_client(), make_client(options=ClientOptions(introspection_signed_response_alg="ES256"))


@pytest.mark.parametrize(
    ("caller", "accept", "is_signed"),
    [
        (PLAIN, None, False),
        (PLAIN, "application/json", False),
        (PLAIN, "*/*", False),
        (PLAIN, "application/token-introspection+jwt", True),
        (PLAIN, "application/json;q=0.5, Application/Token-Introspection+JWT", True),
        (PLAIN, "application/token-introspection+jwt;q=0", False),
        (SIGNED, None, True),
        (SIGNED, "*/*", True),
        (SIGNED, "application/json", False),
    ],
)
def test_the_answer_is_signed_for_who_asks_or_is_registered_so(caller: Client, accept: str, is_signed: bool) -> None:
    """RFC 9701 §4, §6."""
    assert is_signed_answer_wanted(caller, accept) is is_signed


def registered(**members: Any) -> Client:
    return register_client({"client_name": "api", **members}, sandbox=False, now=NOW)[0]


def test_a_resource_server_that_signs_nobody_in_needs_no_redirect_uri() -> None:
    server = registered(protected_resources=[API], grant_types=[])
    assert (server.redirect_uris, server.grant_types) == ((), ())
    assert server.sector == f"client:{server.client_id}"
    assert client_to_metadata(server)["response_types"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"grant_types": []},
        {"grant_types": [], "redirect_uris": ["https://rp.example/cb"]},
        {"protected_resources": [API]},
        {"protected_resources": ["api"], "grant_types": []},
        {"protected_resources": [API], "grant_types": [], "token_endpoint_auth_method": "none"},
        {"introspection_signed_response_alg": "none", "redirect_uris": ["https://rp.example/cb"]},
        {"introspection_signed_response_alg": "HS256", "redirect_uris": ["https://rp.example/cb"]},
    ],
)
def test_what_would_let_anybody_ask_is_refused_at_registration(members: dict[str, Any]) -> None:
    assert refusal_of(lambda: registered(**members)).code is ErrorCode.INVALID_CLIENT_METADATA
