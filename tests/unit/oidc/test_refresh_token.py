"""The refresh token: rotated at every use, with a moment's grace and an alarm."""

from datetime import timedelta

import pytest

from idp.audit import AuditEvent
from idp.identifiers import hash_secret
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.refresh_token import ABSOLUTE_LIFETIME, GRACE_USES, redeem_refresh_token
from tests.unit.oidc.samples import NOW, basic, encode, make_client, make_public_client
from tests.unit.oidc.token_world import GRACE_SECONDS, OFFLINE, REFRESH_TOKEN_SECONDS, TokenWorld, refusal_of

LATER = NOW + timedelta(seconds=60)


@pytest.fixture
def world() -> TokenWorld:
    return TokenWorld(scope=OFFLINE)


@pytest.fixture
def token(world: TokenWorld) -> str:
    return str(world.redeem()["refresh_token"])


def test_a_refresh_token_comes_with_offline_access_only() -> None:
    assert "refresh_token" in TokenWorld(scope=OFFLINE).redeem()
    assert "refresh_token" not in TokenWorld(scope=("openid",)).redeem()
    unregistered = make_client(grant_types=("authorization_code",))
    assert "refresh_token" not in TokenWorld(unregistered, scope=OFFLINE).redeem()


def test_it_is_stored_as_a_hash(world: TokenWorld, token: str) -> None:
    """RFC 6749 §10.4."""
    assert world.has_stored(token)
    assert not world.is_stored_in_plain(token)


def test_r15_every_use_gives_a_new_one(world: TokenWorld, token: str) -> None:
    answer = world.refresh(token)
    assert answer["refresh_token"] != token
    assert world.is_live(answer["access_token"])
    assert world.refresh(answer["refresh_token"])["refresh_token"] not in (token, answer["refresh_token"])


def test_r15_public_clients_are_rotated_as_well() -> None:
    """O5."""
    world = TokenWorld(make_public_client(), scope=OFFLINE)
    token = world.redeem(None, client_id="rp")["refresh_token"]
    assert world.refresh(token, header=None, client_id="rp")["refresh_token"] != token


@pytest.mark.parametrize("seconds", [0, GRACE_SECONDS - 1, GRACE_SECONDS])
def test_a_lost_answer_may_be_asked_for_again(world: TokenWorld, token: str, seconds: int) -> None:
    first = world.refresh(token)
    again = world.refresh(token, seconds=seconds)
    assert world.is_live(first["access_token"], seconds=seconds)
    assert world.is_live(again["access_token"], seconds=seconds)
    assert world.grants.audited == []


def test_r15_reuse_after_the_grace_ends_the_whole_grant(world: TokenWorld, token: str) -> None:
    """RFC 9700 §2.2.2, §4.14.2."""
    answer = world.refresh(token)
    refused = refusal_of(lambda: world.refresh(token, seconds=GRACE_SECONDS + 1))
    assert refused.code is ErrorCode.INVALID_GRANT
    assert not world.is_live(answer["access_token"])
    assert refusal_of(lambda: world.refresh(answer["refresh_token"])).code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.REFRESH_TOKEN_REUSED]


def test_r15_two_holders_of_a_public_clients_token_are_found_out() -> None:
    """O5."""
    world = TokenWorld(make_public_client(), scope=OFFLINE)
    token = world.redeem(None, client_id="rp")["refresh_token"]
    first = world.refresh(token, header=None, client_id="rp")
    second = world.refresh(token, header=None, client_id="rp", seconds=5)
    refused = refusal_of(
        lambda: world.refresh(first["refresh_token"], header=None, client_id="rp", seconds=5 + GRACE_SECONDS + 1)
    )
    assert refused.code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.REFRESH_TOKEN_REUSED]
    later = refusal_of(lambda: world.refresh(second["refresh_token"], header=None, client_id="rp", seconds=40))
    assert later.code is ErrorCode.INVALID_GRANT


def test_the_grace_is_not_for_ever(world: TokenWorld, token: str) -> None:
    answers = [world.refresh(token) for _ in range(1 + GRACE_USES)]
    assert refusal_of(lambda: world.refresh(token)).code is ErrorCode.INVALID_GRANT
    assert not any(world.is_live(answer["access_token"]) for answer in answers)
    assert world.grants.audited == [AuditEvent.REFRESH_TOKEN_REUSED]


def test_a_grant_that_somebody_else_revoked_meanwhile_is_not_audited_twice(world: TokenWorld, token: str) -> None:
    world.refresh(token)
    with world.grants.writing() as writer:
        stored = writer.find_refresh_token(hash_secret(token), "rp")
        writer.revoke_grant(world.grant.grant_id, NOW)
    assert stored is not None
    # The row was read live, and another transaction revoked the grant before this one did.
    writer.find_refresh_token = lambda token_hash, client_id: stored  # type: ignore[method-assign]
    refused = redeem_refresh_token(
        encode(refresh_token=token), world.client, writer, now=LATER, grace_seconds=20, lifetime_seconds=1000
    )
    assert isinstance(refused, OAuthError)
    assert world.grants.audited == []


def test_reuse_is_audited_once(world: TokenWorld, token: str) -> None:
    world.refresh(token)
    for _ in range(2):
        assert refusal_of(lambda: world.refresh(token, seconds=21)).code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.REFRESH_TOKEN_REUSED]


@pytest.mark.parametrize(("seconds", "is_accepted"), [(-1, True), (0, False), (1, False)])
def test_r16_an_unused_token_expires(world: TokenWorld, token: str, seconds: int, is_accepted: bool) -> None:
    """RFC 9700 §4.14.2."""
    at = REFRESH_TOKEN_SECONDS + seconds
    if is_accepted:
        assert world.refresh(token, seconds=at)["access_token"]
    else:
        assert refusal_of(lambda: world.refresh(token, seconds=at)).code is ErrorCode.INVALID_GRANT
        assert world.grants.audited == []


def test_a_use_extends_the_life_but_not_beyond_a_year_of_the_grant() -> None:
    world = TokenWorld(scope=OFFLINE, created_at=NOW - ABSOLUTE_LIFETIME + timedelta(seconds=100))
    token = world.redeem()["refresh_token"]
    token = world.refresh(token, seconds=99)["refresh_token"]
    assert refusal_of(lambda: world.refresh(token, seconds=100)).code is ErrorCode.INVALID_GRANT


def test_r15_a_token_of_another_client_is_refused_and_stays_good(world: TokenWorld, token: str) -> None:
    assert refusal_of(lambda: world.refresh(token, header=basic("other"))).code is ErrorCode.INVALID_GRANT
    assert world.refresh(token)["access_token"]


def test_a_spent_token_of_another_client_raises_no_alarm(world: TokenWorld, token: str) -> None:
    answer = world.refresh(token)
    refused = refusal_of(lambda: world.refresh(token, seconds=60, header=basic("other")))
    assert refused.code is ErrorCode.INVALID_GRANT
    assert world.is_live(answer["access_token"], seconds=60)


@pytest.mark.parametrize("bad", ["unknown", "x" * 43, "é"])
def test_an_unknown_token_is_refused(world: TokenWorld, bad: str) -> None:
    assert refusal_of(lambda: world.refresh(bad)).code is ErrorCode.INVALID_GRANT


def test_a_missing_token_is_an_invalid_request(world: TokenWorld) -> None:
    assert refusal_of(lambda: world.refresh("")).code is ErrorCode.INVALID_REQUEST


def test_scope_may_be_narrowed_for_the_access_token_alone(world: TokenWorld, token: str) -> None:
    """R14, F14: RFC 6749 §6: the next refresh token keeps the whole scope."""
    narrowed = world.refresh(token, scope="openid")
    assert narrowed["scope"] == "openid"
    assert world.refresh(narrowed["refresh_token"])["scope"] == "openid offline_access"


@pytest.mark.parametrize("scope", ["openid profile", "address", " "])
def test_scope_may_not_be_widened_and_the_token_stays_unspent(world: TokenWorld, token: str, scope: str) -> None:
    assert refusal_of(lambda: world.refresh(token, scope=scope)).code is ErrorCode.INVALID_SCOPE
    assert world.grants.state.audit == ()
    assert world.refresh(token, seconds=60)["access_token"]


def test_without_openid_there_is_no_id_token(world: TokenWorld, token: str) -> None:
    """OIDC Core §12."""
    answer = world.refresh(token, scope="offline_access")
    assert "id_token" not in answer
