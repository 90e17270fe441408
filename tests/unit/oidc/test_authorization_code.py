"""The code: once, within a minute, for whom it was issued."""

from typing import Any

import pytest

from idp.audit import AuditEvent
from idp.identifiers import is_identifier
from idp.oidc.errors import ErrorCode
from tests.unit.oidc.samples import REDIRECT_URI, basic, make_client
from tests.unit.oidc.token_world import OFFLINE, TokenWorld, refusal_of


def test_a_code_is_256_bits_and_stored_as_a_hash() -> None:
    """F29: RFC 6749 §10.10."""
    world = TokenWorld()
    assert is_identifier(world.code)
    assert world.has_stored(world.code)
    assert not world.is_stored_in_plain(world.code)


@pytest.mark.parametrize(("seconds", "is_accepted"), [(59, True), (60, False), (61, False)])
def test_f11_a_code_lives_sixty_seconds(seconds: int, is_accepted: bool) -> None:
    world = TokenWorld()
    if is_accepted:
        assert world.redeem(seconds=seconds)["access_token"]
    else:
        assert refusal_of(lambda: world.redeem(seconds=seconds)).code is ErrorCode.INVALID_GRANT


def test_r9_a_second_redemption_revokes_the_first_tokens() -> None:
    """F23."""
    world = TokenWorld(scope=OFFLINE)
    first = world.redeem()
    assert world.is_live(first["access_token"])
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT
    assert not world.is_live(first["access_token"])
    assert refusal_of(lambda: world.refresh(first["refresh_token"])).code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.CODE_REUSED]
    record = world.grants.state.audit[0]
    assert (record.account_id, record.client_id, record.txn) == ("account-1", "rp", "txn-1")


def test_r9_a_third_redemption_is_not_audited_again() -> None:
    world = TokenWorld()
    world.redeem()
    for _ in range(2):
        assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT
    assert world.grants.audited == [AuditEvent.CODE_REUSED]


def test_a_wrong_verifier_spends_the_code() -> None:
    """A thief has one try, and the person's client learns of it."""
    world = TokenWorld()
    assert refusal_of(lambda: world.redeem(code_verifier="x" * 43)).code is ErrorCode.INVALID_GRANT
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT
    assert not world.grants.state.access_tokens


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "x" * 43},
        {"code_verifier": "x" * 43},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_r10_a_code_is_bound_to_verifier_and_redirect_uri(changed: dict[str, Any]) -> None:
    world = TokenWorld()
    assert refusal_of(lambda: world.redeem(**changed)).code is ErrorCode.INVALID_GRANT
    assert not world.grants.state.access_tokens


def test_a_forgotten_verifier_is_an_invalid_request_and_leaves_the_code_good() -> None:
    """RFC 6749 §5.2."""
    world = TokenWorld()
    refused = refusal_of(lambda: world.redeem(code_verifier=None))
    assert (refused.code, refused.description) == (ErrorCode.INVALID_REQUEST, "code_verifier is required.")
    assert not world.grants.state.access_tokens
    assert world.redeem()["access_token"]


def test_another_redirect_uri_is_named_and_spends_the_code() -> None:
    world = TokenWorld()
    refused = refusal_of(lambda: world.redeem(redirect_uri="https://evil.example/"))
    assert refused.description == "redirect_uri is not that of the authorization request."
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT


def test_r10_a_code_of_another_client_is_refused_and_stays_good() -> None:
    world = TokenWorld()
    assert refusal_of(lambda: world.redeem(basic("other"))).code is ErrorCode.INVALID_GRANT
    assert world.redeem()["access_token"]


def test_another_client_cannot_revoke_by_presenting_a_spent_code() -> None:
    world = TokenWorld()
    first = world.redeem()
    assert refusal_of(lambda: world.redeem(basic("other"))).code is ErrorCode.INVALID_GRANT
    assert world.is_live(first["access_token"])
    assert world.grants.audited == []


def test_o6_redirect_uri_may_be_left_out_where_pkce_binds_the_code() -> None:
    assert TokenWorld().redeem(redirect_uri=None)["access_token"]


def test_without_pkce_redirect_uri_is_required() -> None:
    """RFC 6749 §4.1.3."""
    client = make_client(require_pkce=False)
    world = TokenWorld(client, code_challenge=None)
    refused = refusal_of(lambda: world.redeem(redirect_uri=None, code_verifier=None))
    assert refused.code is ErrorCode.INVALID_GRANT
    assert TokenWorld(client, code_challenge=None).redeem(code_verifier=None)["access_token"]


def test_r7_a_verifier_for_a_code_without_challenge_is_refused() -> None:
    """RFC 9700 §4.8."""
    world = TokenWorld(make_client(require_pkce=False), code_challenge=None)
    assert refusal_of(world.redeem).code is ErrorCode.INVALID_GRANT


def test_a_missing_code_is_an_invalid_request() -> None:
    assert refusal_of(lambda: TokenWorld().redeem(code=None)).code is ErrorCode.INVALID_REQUEST
