"""The token endpoint as a whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.client_options import ClientOptions
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.token_endpoint import answer_token_request
from tests.support.encrypting_client import EncryptionKey
from tests.unit.oidc.samples import NOW, basic, encode, make_assertion_client, make_client, make_public_client
from tests.unit.oidc.token_world import ACCESS_TOKEN_SECONDS, OFFLINE, TokenWorld, refusal_of


def test_a_code_is_exchanged_for_tokens() -> None:
    """OIDC Core §3.1.3; RFC 6749 §5.1."""
    world = TokenWorld()
    answer = world.redeem()
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == ACCESS_TOKEN_SECONDS
    assert answer["scope"] == "openid"
    assert world.is_live(answer["access_token"], seconds=ACCESS_TOKEN_SECONDS - 1)
    assert not world.is_live(answer["access_token"], seconds=ACCESS_TOKEN_SECONDS)
    assert world.signer.verify_own(answer["id_token"])["sub"] == "subject-1"


@pytest.mark.parametrize(
    "grant_type", ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_r11_other_grant_types_are_unsupported(grant_type: str) -> None:
    """O3, F2."""
    refused = refusal_of(lambda: TokenWorld().redeem(grant_type=grant_type))
    assert refused.code is ErrorCode.UNSUPPORTED_GRANT_TYPE


def test_a_grant_type_is_required() -> None:
    assert refusal_of(lambda: TokenWorld().redeem(grant_type=None)).code is ErrorCode.INVALID_REQUEST


def test_a_grant_type_that_is_not_registered_is_unauthorized() -> None:
    world = TokenWorld(make_client(grant_types=("authorization_code",)))
    refused = refusal_of(lambda: world.ask(grant_type="refresh_token", refresh_token="x"))
    assert refused.code is ErrorCode.UNAUTHORIZED_CLIENT


def test_the_client_is_authenticated_before_the_grant_is_looked_at() -> None:
    """RFC 6749 §3.2.1."""
    world = TokenWorld()
    assert refusal_of(lambda: world.redeem(basic(secret="wrong"))).code is ErrorCode.INVALID_CLIENT
    assert refusal_of(lambda: world.redeem(None, grant_type="password")).code is ErrorCode.INVALID_CLIENT
    assert world.redeem()["access_token"]


def test_a_doubled_parameter_is_refused_before_anything_is_spent() -> None:
    world = TokenWorld()
    doubled = encode(("code", "a"), grant_type="authorization_code", code=world.code)
    refused = refusal_of(lambda: answer_token_request(doubled, basic(), world.dependencies, NOW))
    assert refused.code is ErrorCode.INVALID_REQUEST
    assert world.redeem()["access_token"]


def test_a_public_client_redeems_with_its_verifier_alone() -> None:
    """RFC 6749 §2.1."""
    world = TokenWorld(make_public_client())
    assert world.redeem(None, client_id="rp")["id_token"]


def test_a_confidential_client_cannot_pass_for_a_public_one() -> None:
    refused = refusal_of(lambda: TokenWorld().redeem(None, client_id="rp"))
    assert refused.code is ErrorCode.INVALID_CLIENT


def test_a_client_with_assertions_cannot_use_nothing() -> None:
    world = TokenWorld(make_assertion_client())
    assert refusal_of(lambda: world.redeem(None, client_id="rp")).code is ErrorCode.INVALID_CLIENT


def test_a_failing_signer_leaves_the_code_spent() -> None:
    """A retry could not tell itself from a replay."""
    world = TokenWorld()
    keys, world.signer.keys = world.signer.keys, {}
    with pytest.raises(KeyError):
        world.redeem()
    world.signer.keys = keys
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=50)


@given(
    st.dictionaries(st.sampled_from(["grant_type", "code", "redirect_uri", "code_verifier", "scope"]), TEXT),
    st.sampled_from(["authorization_code", "refresh_token", None]),
)
def test_no_body_gets_another_exception_out(members: dict[str, Any], grant_type: str | None) -> None:
    world = TokenWorld()
    chosen = members if grant_type is None else {**members, "grant_type": grant_type}
    try:
        world.ask(**{**chosen, "refresh_token": "x"})
    except OAuthError as error:
        assert error.status in (400, 401)
    assert world.grants.state.audit == ()


@pytest.mark.parametrize("jwks", [None, {"keys": [EncryptionKey("ECDH-ES").jwk | {"use": "sig"}]}])
def test_without_a_key_to_encrypt_to_nothing_is_spent(jwks: dict[str, Any] | None) -> None:
    """The client publishes its key and asks again, within the code's minute."""
    options = ClientOptions(id_token_encrypted_response_alg="ECDH-ES")
    world = TokenWorld(make_client(options=options, jwks=jwks), scope=OFFLINE)
    assert isinstance(refusal_of(world.redeem), NoEncryptionKey)
    key = EncryptionKey("ECDH-ES")
    world.give_keys(key.jwk)
    tokens = world.redeem()
    assert key.decrypt(tokens["id_token"]).count(".") == 2
    world.give_keys()
    assert isinstance(refusal_of(lambda: world.refresh(tokens["refresh_token"])), NoEncryptionKey)
    world.give_keys(key.jwk)
    assert key.decrypt(world.refresh(tokens["refresh_token"])["id_token"]).count(".") == 2
