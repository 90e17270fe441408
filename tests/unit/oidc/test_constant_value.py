"""A client that does not make its values anew (R8)."""

import json

import pytest

from idp.client_journal import ClientNote
from idp.identifiers import hash_secret
from idp.log import configure_log
from idp.oidc.authorization_code import issue_code
from idp.oidc.errors import ErrorCode
from tests.unit.oidc.samples import NOW, basic, make_client, make_grant
from tests.unit.oidc.token_world import TokenWorld, refusal_of

CONSTANT = "this nonce was used before: make a new one for each authorization request"


def grant_again(world: TokenWorld, number: int = 2, **members: object) -> str:
    grant = make_grant(grant_id=f"grant-{number}", txn=f"txn-{number}", **members)
    with world.grants.writing() as writer:
        return issue_code(grant, writer, now=NOW, lifetime_seconds=60)


def test_r8_a_verifier_that_has_redeemed_a_code_redeems_no_other() -> None:
    world = TokenWorld()
    again = grant_again(world, nonce="another")
    first = world.redeem()
    refused = refusal_of(lambda: world.redeem(code=again))
    assert (refused.code, refused.detail) == (ErrorCode.INVALID_GRANT, "constant code_challenge")
    assert world.is_live(first["access_token"])


def test_r8_a_code_refused_for_its_verifier_is_spent_with_its_grant() -> None:
    world = TokenWorld()
    again = grant_again(world)
    world.redeem()
    for _ in range(2):
        assert refusal_of(lambda: world.redeem(code=again)).code is ErrorCode.INVALID_GRANT
    assert world.grants.state.codes[hash_secret(again)][2]
    assert "grant-2" in world.grants.state.revoked


def test_of_two_codes_for_one_request_the_one_that_is_redeemed_is_good() -> None:
    """People press twice and reload; a client redeems the code whose state it still has."""
    world = TokenWorld()
    again = grant_again(world)
    assert world.redeem(code=again)["access_token"]


def test_a_wrong_verifier_for_another_code_makes_no_challenge_constant() -> None:
    """Nobody without the verifier can have the code of somebody else refused."""
    world = TokenWorld()
    again = grant_again(world)
    assert refusal_of(lambda: world.redeem(code_verifier="x" * 43)).code is ErrorCode.INVALID_GRANT
    assert world.redeem(code=again)["access_token"]


def test_a_code_that_is_asked_for_twice_is_a_reuse_and_no_constant_challenge() -> None:
    """A lost answer, and the client asks again."""
    world = TokenWorld()
    world.redeem()
    assert refusal_of(world.redeem).detail == "code was used before"


def test_other_clients_may_have_the_same_values_by_chance() -> None:
    world = TokenWorld()
    again = grant_again(world, client_id="other")
    world.redeem()
    assert world.redeem(basic("other"), code=again)["access_token"]
    assert world.journal.drain() == ()


def test_r8_a_constant_nonce_is_told_and_not_refused(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    world = TokenWorld()
    again = grant_again(world, code_challenge=None)
    world.redeem()
    assert world.journal.drain() == ()
    assert world.redeem(code=again, code_verifier=None)["access_token"]
    assert world.journal.drain() == (ClientNote("rp", NOW, "POST /token", "constant_nonce", CONSTANT, "txn-2"),)
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {name: line[name] for name in ("event", "level", "client_id", "txn")} == {
        "event": "constant_nonce",
        "level": "warning",
        "client_id": "rp",
        "txn": "txn-2",
    }
    assert str(world.grant.nonce) not in json.dumps(line)


def test_without_a_nonce_none_is_constant() -> None:
    world = TokenWorld(make_client(require_pkce=False), nonce=None, code_challenge=None)
    again = grant_again(world, nonce=None, code_challenge=None)
    for code in (world.code, again):
        assert world.redeem(code=code, code_verifier=None)["access_token"]
    assert world.journal.drain() == ()


def test_a_refresh_uses_no_nonce_again() -> None:
    world = TokenWorld(scope=("openid", "offline_access"))
    tokens = world.redeem()
    world.refresh(tokens["refresh_token"])
    assert world.journal.drain() == ()
