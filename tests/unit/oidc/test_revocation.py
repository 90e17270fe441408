"""A client no longer needs a token."""

import pytest

from idp.audit import AuditEvent
from idp.oidc.errors import ErrorCode
from idp.oidc.revocation import RevocationDependencies, answer_revocation_request
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, basic, encode
from tests.unit.oidc.token_world import OFFLINE, TokenWorld, refusal_of


@pytest.fixture
def world() -> TokenWorld:
    return TokenWorld(scope=OFFLINE)


def revoke(world: TokenWorld, header: str | None = None, *pairs: tuple[str, str], **members: str) -> None:
    dependencies = RevocationDependencies(
        issuer=ISSUER,
        endpoint_url=f"{ISSUER}/revoke",
        clients=MemoryClients(world.client, world.other),
        grants=world.grants,
        once=world.once,
    )
    answer_revocation_request(encode(*pairs, **members), header or basic(), dependencies, NOW)


def test_a_refresh_token_ends_with_its_whole_grant(world: TokenWorld) -> None:
    """RFC 7009 §2.1."""
    answer = world.redeem()
    revoke(world, token=answer["refresh_token"], token_type_hint="refresh_token")
    assert not world.is_live(answer["access_token"])
    assert refusal_of(lambda: world.refresh(answer["refresh_token"])).code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.TOKEN_REVOKED]


def test_an_access_token_ends_alone(world: TokenWorld) -> None:
    answer = world.redeem()
    revoke(world, token=answer["access_token"])
    assert not world.is_live(answer["access_token"])
    assert world.refresh(answer["refresh_token"])["access_token"]
    assert world.grants.audited == [AuditEvent.TOKEN_REVOKED]


def test_a_wrong_hint_changes_nothing(world: TokenWorld) -> None:
    answer = world.redeem()
    revoke(world, token=answer["access_token"], token_type_hint="refresh_token")
    assert not world.is_live(answer["access_token"])


def test_an_unknown_or_ended_token_is_no_error(world: TokenWorld) -> None:
    """RFC 7009 §2.2."""
    revoke(world, token="unknown")
    answer = world.redeem()
    for _ in range(2):
        revoke(world, token=answer["refresh_token"])
    assert world.grants.audited == [AuditEvent.TOKEN_REVOKED]


def test_another_clients_token_is_left_alone(world: TokenWorld) -> None:
    answer = world.redeem()
    for name in ("access_token", "refresh_token"):
        revoke(world, basic("other"), token=answer[name])
    assert world.is_live(answer["access_token"])
    assert world.grants.audited == []


def test_a_token_a_client_and_one_reading_are_required(world: TokenWorld) -> None:
    assert refusal_of(lambda: revoke(world)).code is ErrorCode.INVALID_REQUEST
    assert refusal_of(lambda: revoke(world, None, ("token", "a"), token="b")).code is ErrorCode.INVALID_REQUEST
    assert refusal_of(lambda: revoke(world, basic(secret="x"), token="a")).code is ErrorCode.INVALID_CLIENT
