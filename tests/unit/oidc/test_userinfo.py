"""Claims for whoever holds an access token."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.userinfo import answer_userinfo_request
from tests.unit.oidc.memory_stores import MemoryGrants
from tests.unit.oidc.samples import NOW, encode
from tests.unit.oidc.token_world import ACCESS_TOKEN_SECONDS, OFFLINE, TokenWorld, refusal_of


@pytest.fixture
def world() -> TokenWorld:
    return TokenWorld(scope=OFFLINE)


@pytest.fixture
def token(world: TokenWorld) -> str:
    return str(world.redeem()["access_token"])


def test_the_subject_is_the_id_tokens(world: TokenWorld) -> None:
    """OIDC Core §5.3, §5.3.1."""
    answer = world.redeem()
    claims = answer_userinfo_request(f"Bearer {answer['access_token']}", None, world.grants, NOW)
    assert claims == {"sub": world.signer.verify_own(answer["id_token"])["sub"]}


def test_the_token_comes_in_the_header_or_in_the_body(world: TokenWorld, token: str) -> None:
    """OIDC Core §5.3, §5.3.1."""
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert answer_userinfo_request(f"{scheme} {token}", None, world.grants, NOW)
    assert answer_userinfo_request(None, encode(access_token=token), world.grants, NOW)
    assert answer_userinfo_request(f"Bearer {token}", encode(), world.grants, NOW)


def test_a_token_in_two_places_or_twice_is_an_invalid_request(world: TokenWorld, token: str) -> None:
    """RFC 6750 §2."""
    both = refusal_of(lambda: answer_userinfo_request(f"Bearer {token}", encode(access_token=token), world.grants, NOW))
    doubled = encode(("access_token", token), access_token=token)
    twice = refusal_of(lambda: answer_userinfo_request(None, doubled, world.grants, NOW))
    for error in (both, twice):
        assert (error.code, error.status) == (ErrorCode.INVALID_REQUEST, 400)


@pytest.mark.parametrize("body", [None, encode()])
def test_no_token_gets_a_bare_challenge(body: Parameters | None) -> None:
    """RFC 6750 §3.1: no error code for a request without credentials."""
    error = refusal_of(lambda: answer_userinfo_request(None, body, MemoryGrants(), NOW))
    assert (error.status, error.authenticate) == (401, 'Bearer, DPoP algs="ES256 PS256 EdDSA Ed25519"')


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_an_expired_token_is_invalid(world: TokenWorld, token: str, seconds: int) -> None:
    now = NOW + timedelta(seconds=ACCESS_TOKEN_SECONDS + seconds)
    if seconds < 0:
        assert answer_userinfo_request(f"Bearer {token}", None, world.grants, now)
        return
    error = refusal_of(lambda: answer_userinfo_request(f"Bearer {token}", None, world.grants, now))
    assert (error.code, error.status) == (ErrorCode.INVALID_TOKEN, 401)
    assert error.authenticate is not None
    assert 'error="invalid_token"' in error.authenticate


def test_a_token_without_openid_is_insufficient(world: TokenWorld) -> None:
    """R14, F14."""
    refresh_token = world.redeem()["refresh_token"]
    token = world.refresh(refresh_token, scope="offline_access")["access_token"]
    error = refusal_of(lambda: answer_userinfo_request(f"Bearer {token}", None, world.grants, NOW))
    assert (error.code, error.status) == (ErrorCode.INSUFFICIENT_SCOPE, 403)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer é", "Bearer a\n"])
def test_a_malformed_header_is_an_invalid_request(header: str) -> None:
    """RFC 6750 §2.1."""
    error = refusal_of(lambda: answer_userinfo_request(header, None, MemoryGrants(), NOW))
    assert error.code is ErrorCode.INVALID_REQUEST


@given(st.one_of(st.none(), st.text(), st.text().map(lambda text: "Bearer " + text)))
def test_no_header_gets_another_exception_out(header: Any) -> None:
    with pytest.raises(OAuthError) as refused:
        answer_userinfo_request(header, None, MemoryGrants(), NOW)
    assert refused.value.authenticate is not None
