"""Tokens bound to a key, from the code to their use and renewal: RFC 9449 §5, §7, §10; RFC 9700 §2.2."""

from datetime import timedelta
from typing import Any

import pytest

from idp.audit import AuditEvent
from idp.oidc.client_options import ClientOptions
from idp.oidc.dpop import PresentedProof
from idp.oidc.errors import ErrorCode
from idp.oidc.sender import Sender
from idp.oidc.userinfo import answer_userinfo_request
from tests.support.dpop_key import DPoPKey
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    encode,
    make_client,
    make_public_client,
    proof_policy,
)
from tests.unit.oidc.token_world import OFFLINE, REFRESH_TOKEN_SECONDS, TokenWorld, refusal_of

OWNER, THIEF = DPoPKey(), DPoPKey("thief")
USERINFO = f"{ISSUER}/userinfo"
BOUND = ClientOptions(dpop_bound_access_tokens=True)
HEADER = {"token_type": "DPoP"}


def proof(key: DPoPKey = OWNER, seconds: int = 0, **changed: Any) -> str:
    return key.proof("POST", TOKEN_ENDPOINT, NOW + timedelta(seconds=seconds), **changed)


def use(world: TokenWorld, token: str, key: DPoPKey | None = OWNER, scheme: str = "DPoP", **changed: Any) -> Any:
    presented = None
    if key is not None:
        made = key.proof("GET", USERINFO, NOW, **{"access_token": token, **changed})
        presented = PresentedProof(made, "GET", USERINFO)
    sender = Sender(presented, proof_policy(world.once))
    return answer_userinfo_request(f"{scheme} {token}", None, world.grants, NOW, None, sender)


@pytest.fixture
def world() -> TokenWorld:
    return TokenWorld(scope=OFFLINE)


@pytest.fixture
def public() -> TokenWorld:
    return TokenWorld(make_public_client(), scope=OFFLINE)


def test_r13_f4_f5_a_token_asked_for_with_a_proof_is_bound_to_its_key(world: TokenWorld) -> None:
    answer = world.redeem(proof=proof())
    assert answer["token_type"] == "DPoP"
    assert use(world, answer["access_token"]) == {"sub": world.grant.sub}


def test_a_token_asked_for_without_a_proof_is_a_bearer_token_as_before(world: TokenWorld) -> None:
    answer = world.redeem()
    assert answer["token_type"] == "Bearer"
    assert use(world, answer["access_token"], None, "Bearer")


def test_o5_a_bound_client_gets_no_bearer_token() -> None:
    """RFC 9449 §5.2; the code is not spent by having forgotten the proof."""
    world = TokenWorld(make_client(options=BOUND))
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_DPOP_PROOF
    assert world.redeem(proof=proof())["token_type"] == "DPoP"


def test_f4_a_client_of_the_fapi_profile_gets_no_bearer_token() -> None:
    world = TokenWorld(make_client(options=ClientOptions(profile="fapi2")))
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_DPOP_PROOF


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_r13_a_bound_token_is_no_bearer_token(world: TokenWorld, scheme: str) -> None:
    """RFC 9449 §7.2, also with a good proof beside it."""
    token = world.redeem(proof=proof())["access_token"]
    for key in (None, OWNER):
        error = refusal_of(lambda key=key: use(world, token, key, scheme))  # type: ignore[misc]
        assert (error.code, error.status) == (ErrorCode.INVALID_TOKEN, 401)
        assert error.authenticate is not None
        assert error.authenticate.startswith('DPoP error="invalid_token"')
        assert 'algs="ES256 PS256 EdDSA Ed25519"' in error.authenticate


def test_a_bound_token_in_the_body_is_refused(world: TokenWorld) -> None:
    token = world.redeem(proof=proof())["access_token"]
    error = refusal_of(lambda: answer_userinfo_request(None, encode(access_token=token), world.grants, NOW))
    assert error.code is ErrorCode.INVALID_TOKEN


def test_a_bearer_token_in_the_scheme_dpop_is_refused(world: TokenWorld) -> None:
    token = world.redeem()["access_token"]
    assert refusal_of(lambda: use(world, token)).code is ErrorCode.INVALID_TOKEN


def test_f32_another_key_or_no_proof_or_another_tokens_proof_is_refused(world: TokenWorld) -> None:
    """RFC 9449 §7.1."""
    token = world.redeem(proof=proof())["access_token"]
    assert refusal_of(lambda: use(world, token, THIEF)).code is ErrorCode.INVALID_TOKEN
    for how in ({"key": None}, {"ath": None}, {"access_token": "x"}, {"htu": TOKEN_ENDPOINT}, {"htm": "POST"}):
        error = refusal_of(lambda how=how: use(world, token, **how))  # type: ignore[misc]
        assert (error.code, error.status) == (ErrorCode.INVALID_DPOP_PROOF, 401)
        assert error.authenticate is not None
        assert error.authenticate.startswith('DPoP error="invalid_dpop_proof"')


def test_a_nonce_is_asked_for_at_userinfo_in_the_header_too(world: TokenWorld) -> None:
    """RFC 9449 §9."""
    token = world.redeem(proof=proof())["access_token"]
    error = refusal_of(lambda: use(world, token, nonce="stale"))
    assert (error.code, error.status) == (ErrorCode.USE_DPOP_NONCE, 401)
    assert [name for name, _ in error.headers] == ["DPoP-Nonce"]
    assert use(world, token, nonce=error.headers[0][1])


def test_an_unknown_token_makes_nobody_verify_or_write(world: TokenWorld) -> None:
    assert refusal_of(lambda: use(world, "x" * 43)).code is ErrorCode.INVALID_TOKEN
    assert world.once.seen == {}


def test_f12_a_code_bound_to_a_key_is_worth_nothing_with_another() -> None:
    """RFC 9449 §10: the thief's one try ends it, as with a wrong code_verifier."""
    world = TokenWorld(dpop_jkt=OWNER.thumbprint)
    assert refusal_of(lambda: world.redeem(proof=proof(THIEF))).code is ErrorCode.INVALID_GRANT
    assert refusal_of(lambda: world.redeem(proof=proof())).code is ErrorCode.INVALID_GRANT


def test_f12_a_code_bound_to_a_key_is_not_spent_by_forgetting_the_proof() -> None:
    world = TokenWorld(dpop_jkt=OWNER.thumbprint)
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_DPOP_PROOF
    assert world.redeem(proof=proof())["token_type"] == "DPoP"


def test_a_proof_is_spent_only_by_a_client_that_proved_itself(world: TokenWorld) -> None:
    assert refusal_of(lambda: world.redeem(None, proof=proof())).code is ErrorCode.INVALID_CLIENT
    assert world.once.seen == {}


def test_r15_o5_a_public_clients_refresh_token_is_bound_to_its_key(public: TokenWorld) -> None:
    """RFC 9449 §5: a thief without the key gets nothing and ends nothing."""
    answer = public.redeem(None, client_id="rp", proof=proof())
    token = answer["refresh_token"]

    def refresh(made: str | None) -> Any:
        return public.refresh(token, header=None, client_id="rp", proof=made)

    assert refusal_of(lambda: refresh(None)).code is ErrorCode.INVALID_DPOP_PROOF
    assert refusal_of(lambda: refresh(proof(THIEF))).code is ErrorCode.INVALID_GRANT
    renewed = refresh(proof())
    assert renewed["token_type"] == "DPoP"
    assert renewed["refresh_token"] != token


def test_a_confidential_clients_refresh_token_is_not_bound_to_the_key(world: TokenWorld) -> None:
    """RFC 9449 §5: it is bound to the client, which may change its key."""
    token = world.redeem(proof=proof())["refresh_token"]
    assert world.refresh(token, proof=proof(THIEF))["token_type"] == "DPoP"


@pytest.mark.parametrize(
    "client",
    [
        make_client(options=BOUND),
        make_client(options=ClientOptions(profile="fapi2")),
        make_public_client(options=BOUND),
    ],
    ids=["bound", "fapi2", "public"],
)
def test_f9_a_refresh_token_that_no_thief_can_use_is_kept(client: Any) -> None:
    world = TokenWorld(client, scope=OFFLINE)
    how: dict[str, Any] = {"header": None, "client_id": "rp"} if client.is_public else {}
    token = world.redeem(**how, proof=proof())["refresh_token"]
    # It lives on from each use, and a lost answer does not matter.
    for number in range(1, 10):
        seconds = number * (REFRESH_TOKEN_SECONDS - 1)
        answer = world.refresh(token, seconds=seconds, **how, proof=proof(seconds=seconds))
        assert "refresh_token" not in answer
        assert answer["token_type"] == "DPoP"
    seconds += REFRESH_TOKEN_SECONDS
    late = refusal_of(lambda: world.refresh(token, seconds=seconds, **how, proof=proof(seconds=seconds)))
    assert late.code is ErrorCode.INVALID_GRANT
    assert AuditEvent.REFRESH_TOKEN_REUSED not in world.grants.audited


def test_r16_a_kept_refresh_token_ends_with_its_grant() -> None:
    world = TokenWorld(make_client(options=BOUND), scope=OFFLINE)
    token = world.redeem(proof=proof())["refresh_token"]
    with world.grants.writing() as writer:
        writer.revoke_grant(world.grant.grant_id, NOW)
    assert refusal_of(lambda: world.refresh(token, proof=proof())).code is ErrorCode.INVALID_GRANT


def test_o5_a_public_clients_token_from_before_it_was_bound_is_rotated() -> None:
    world = TokenWorld(make_public_client(), scope=OFFLINE)
    token = world.redeem(None, client_id="rp")["refresh_token"]
    world.dependencies.clients.by_id["rp"] = make_public_client(options=BOUND)  # type: ignore[attr-defined]
    answer = world.refresh(token, header=None, client_id="rp", proof=proof())
    assert answer["refresh_token"] != token
    again = world.refresh(answer["refresh_token"], header=None, client_id="rp", proof=proof())
    assert "refresh_token" not in again


def test_a_kept_refresh_token_gives_no_more_than_was_granted() -> None:
    world = TokenWorld(make_client(options=BOUND), scope=OFFLINE)
    token = world.redeem(proof=proof())["refresh_token"]
    wide = refusal_of(lambda: world.refresh(token, scope="openid email", proof=proof()))
    assert wide.code is ErrorCode.INVALID_SCOPE
    assert world.refresh(token, scope="openid", proof=proof())["scope"] == "openid"
