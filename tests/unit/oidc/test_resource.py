"""Which resource servers an access token is for, and the JWT that they read: RFC 8707, RFC 9068."""

import json
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt as joserfc_jwt
from jwcrypto import jwk, jwt

from idp.keys.errors import NotOurToken
from idp.oidc.access_token import verify_access_token
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.id_token import access_token_hash
from idp.oidc.jwt_access_token import find_token_hash, hash_token_id
from idp.oidc.registration import client_to_metadata, register_client
from idp.oidc.revocation import RevocationDependencies, answer_revocation_request
from idp.oidc.userinfo import answer_userinfo_request
from tests.support.dpop_key import DPoPKey
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, TOKEN_ENDPOINT, authorization_parameters, basic, encode, make_client
from tests.unit.oidc.test_authorization_request import accept, redirected_error
from tests.unit.oidc.token_world import ACCESS_TOKEN_SECONDS, OFFLINE, TokenWorld, refusal_of

API, OTHER = "https://api.example/v1", "https://other.example"
JWT = ClientOptions(access_token_format="jwt", resources=(API, OTHER))
OPAQUE = ClientOptions(resources=(API, OTHER))


def world_of(options: ClientOptions, resources: tuple[str, ...] = (), **grant: Any) -> TokenWorld:
    return TokenWorld(make_client(options=options), scope=OFFLINE, resources=resources, **grant)


def read(world: TokenWorld, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, as jwcrypto verifies them."""
    key = jwk.JWK(**world.signer.keys["ES256"].as_dict(private=False))
    # The test's time is not jwcrypto's.
    verified = jwt.JWT(algs=["ES256"], expected_type="JWS")
    verified.leeway = 10**10
    verified.deserialize(token, key)
    return json.loads(verified.header), json.loads(verified.claims)


def audience_of(world: TokenWorld, token: str) -> tuple[str, ...]:
    return verify_access_token(token, world.grants, NOW, world.signer).audience


def test_r14_a_token_is_for_the_resources_of_the_authorization_request() -> None:
    world = world_of(OPAQUE, (API, OTHER))
    assert audience_of(world, world.redeem()["access_token"]) == (API, OTHER)


def test_r14_a_token_without_resources_is_for_userinfo() -> None:
    world = world_of(OPAQUE)
    token = world.redeem()["access_token"]
    assert audience_of(world, token) == ()
    assert answer_userinfo_request(f"Bearer {token}", None, world.grants, NOW)


@pytest.mark.parametrize("options", [OPAQUE, JWT], ids=["opaque", "jwt"])
def test_r14_f32_a_token_for_a_resource_is_refused_at_userinfo(options: ClientOptions) -> None:
    world = world_of(options, (API,))
    token = world.redeem()["access_token"]
    error = refusal_of(
        lambda: answer_userinfo_request(f"Bearer {token}", None, world.grants, NOW, own_tokens=world.signer)
    )
    assert (error.code, error.status) == (ErrorCode.INVALID_TOKEN, 401)


def test_f14_a_client_may_ask_for_fewer_resources_with_each_token() -> None:
    """RFC 8707 §2.2."""
    world = world_of(OPAQUE, (API, OTHER))
    answer = world.redeem(resource=API)
    assert audience_of(world, answer["access_token"]) == (API,)
    renewed = world.refresh(answer["refresh_token"], resource=OTHER)
    assert audience_of(world, renewed["access_token"]) == (OTHER,)


@pytest.mark.parametrize("resource", [OTHER, "https://evil.example", "x", API + "/"])
def test_more_than_was_granted_is_refused_and_the_code_not_spent(resource: str) -> None:
    world = world_of(OPAQUE, (API,))
    error = refusal_of(lambda: world.redeem(resource=resource))
    assert (error.code, error.status) == (ErrorCode.INVALID_TARGET, 400)
    assert world.redeem()


def test_a_resource_that_the_client_has_lost_is_refused() -> None:
    world = world_of(ClientOptions(resources=(OTHER,)), (API,))
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_TARGET


def test_an_authorization_request_may_name_several_registered_resources() -> None:
    client = make_client(options=OPAQUE)
    twice = authorization_parameters(("resource", API), ("resource", OTHER), ("resource", API))
    request = accept(twice, client)
    assert request.resources == (API, OTHER)
    assert type(request).from_json(request.to_json()) == request


@pytest.mark.parametrize("resource", ["https://evil.example", "x", API + "#f"])
def test_an_authorization_request_for_another_resource_is_refused(resource: str) -> None:
    asked = authorization_parameters(resource=resource)
    assert redirected_error(asked, make_client(options=OPAQUE)) is ErrorCode.INVALID_TARGET


def test_a_jwt_has_the_claims_of_the_profile_as_two_others_read_it() -> None:
    """RFC 9068 §2.1, §2.2: jwcrypto verifies the signature, Authlib validates the claims."""
    world = world_of(JWT, (API,))
    token = world.redeem()["access_token"]
    header, claims = read(world, token)
    assert header["typ"] == "at+jwt"
    assert claims == {
        "iss": ISSUER,
        "sub": world.grant.sub,
        "aud": API,
        "client_id": "rp",
        "exp": int(NOW.timestamp()) + ACCESS_TOKEN_SECONDS,
        "iat": int(NOW.timestamp()),
        "jti": claims["jti"],
        "auth_time": int(world.grant.auth_time.timestamp()),
        "acr": world.grant.acr,
        "amr": list(world.grant.amr),
        "scope": "openid offline_access",
    }
    key = world.signer.keys["ES256"]
    decoded = joserfc_jwt.decode(token, key, algorithms=["ES256"])
    wanted = {name: {"essential": True} for name in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")}
    wanted["iss"]["value"], wanted["aud"]["value"] = ISSUER, API  # type: ignore[assignment]
    JWTAccessTokenClaims(decoded.claims, decoded.header, wanted).validate(now=int(NOW.timestamp()))


def test_a_jwt_without_resources_is_for_userinfo_and_good_there() -> None:
    world = world_of(JWT)
    token = world.redeem()["access_token"]
    assert read(world, token)[1]["aud"] == f"{ISSUER}/userinfo"
    assert answer_userinfo_request(f"Bearer {token}", None, world.grants, NOW, own_tokens=world.signer)


def test_r13_a_jwt_names_the_key_that_it_is_bound_to() -> None:
    world, key = world_of(JWT, (API,)), DPoPKey()
    token = world.redeem(proof=key.proof("POST", TOKEN_ENDPOINT, NOW))["access_token"]
    assert read(world, token)[1]["cnf"] == {"jkt": key.thumbprint}


def test_a_jwt_says_no_more_of_the_status_than_the_id_token_beside_it() -> None:
    world = world_of(JWT, (API,))
    world.dependencies = replace(world.dependencies, status_max_age_seconds=3599)
    answer = world.redeem()
    assert read(world, answer["access_token"])[1]["acr"] == world.signer.verify_own(answer["id_token"])["acr"]
    assert read(world, answer["access_token"])[1]["acr"].endswith("-unchecked")


def test_the_id_token_is_tied_to_the_jwt_beside_it() -> None:
    world = world_of(JWT, (API,))
    answer = world.redeem()
    assert world.signer.verify_own(answer["id_token"])["at_hash"] == access_token_hash(answer["access_token"], "ES256")


def test_a_jwt_ends_with_its_grant_and_its_time() -> None:
    world = world_of(JWT)
    token = world.redeem()["access_token"]
    late = NOW + timedelta(seconds=ACCESS_TOKEN_SECONDS)
    assert refusal_of(lambda: verify_access_token(token, world.grants, late, world.signer))
    with world.grants.writing() as writer:
        writer.revoke_grant(world.grant.grant_id, NOW)
    assert refusal_of(lambda: verify_access_token(token, world.grants, NOW, world.signer))


def test_a_jwt_can_be_revoked_by_its_client() -> None:
    """RFC 7009: it is recorded like any other."""
    world = world_of(JWT)
    token = world.redeem()["access_token"]
    dependencies = RevocationDependencies(
        ISSUER, f"{ISSUER}/revoke", MemoryClients(world.client, world.other), world.grants, world.once, world.signer
    )
    answer_revocation_request(encode(token=token), basic("other"), dependencies, NOW)
    assert verify_access_token(token, world.grants, NOW, world.signer)
    answer_revocation_request(encode(token=token), basic(), dependencies, NOW)
    assert refusal_of(lambda: verify_access_token(token, world.grants, NOW, world.signer))


def test_what_can_be_read_in_a_jwt_is_no_token() -> None:
    """Its jti, alone or dressed up as what is hashed."""
    world = world_of(JWT)
    jti = read(world, world.redeem()["access_token"])[1]["jti"]
    for forged in (jti, f"at+jwt\x00{jti}", hash_token_id(jti).hex()):
        assert refusal_of(lambda forged=forged: verify_access_token(forged, world.grants, NOW, world.signer))  # type: ignore[misc]


def test_an_id_token_is_no_access_token_and_the_other_way_round() -> None:
    """RFC 9068 §5, RFC 8725 §3.11."""
    world = world_of(JWT)
    answer = world.redeem()
    assert find_token_hash(answer["id_token"], world.signer) is None
    with pytest.raises(NotOurToken):
        world.signer.verify_own(answer["access_token"])


def test_a_jwt_of_another_signer_is_no_token() -> None:
    world, stranger = world_of(JWT), world_of(JWT)
    token = world.redeem()["access_token"]
    header, payload, _ = token.split(".")
    forged = f"{header}.{payload}.{stranger.redeem()['access_token'].split('.')[2]}"
    assert find_token_hash(token, world.signer)
    assert find_token_hash(forged, world.signer) is None


@given(st.text())
def test_no_text_gets_another_exception_out(text: str) -> None:
    world = world_of(JWT)
    with pytest.raises(OAuthError):
        verify_access_token(text, world.grants, NOW, world.signer)


def registered(**members: Any) -> Any:
    metadata = {"client_name": "rp", "redirect_uris": ["https://rp.example/cb"], **members}
    return register_client(metadata, sandbox=False, now=NOW)[0]


def test_a_client_registers_the_form_and_the_resources_of_its_tokens() -> None:
    client = registered(access_token_format="jwt", resources=[API])
    assert client.options == ClientOptions(access_token_format="jwt", resources=(API,))
    assert client_to_metadata(client)["resources"] == [API]


@pytest.mark.parametrize(
    "members",
    [
        {"access_token_format": "paseto"},
        {"access_token_format": True},
        {"resources": API},
        {"resources": [API, API]},
        {"resources": ["api"]},
        {"resources": ["http://api.example"]},
        {"resources": ["https://api.example/#f"]},
        {"resources": ["https://api.example/a b"]},
        {"resources": ["https://user@api.example/"]},
        {"resources": ["https://[/"]},
        {"resources": ["https://api.example:99999"]},
        {"resources": ["https://api.example/" + "a" * 256]},
        {"resources": ["urn:example"]},
        {"dpop_bound_access_tokens": "true"},
    ],
)
def test_what_is_no_resource_or_form_is_refused_at_registration(members: dict[str, Any]) -> None:
    assert refusal_of(lambda: registered(**members)).code is ErrorCode.INVALID_CLIENT_METADATA


def test_the_clients_of_the_document_for_apis_are_registered_as_they_stand() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "protecting-an-api.md").read_text(encoding="utf-8")
    clients = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])["client"]
    caller, server = (register_client(members, sandbox=False, now=NOW)[0] for members in clients)
    assert caller.options.resources == server.options.protected_resources
    assert server.redirect_uris == ()
