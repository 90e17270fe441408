"""OIDC Core §3.1.3.3, §3.1.3.6, §3.1.3.7 and §5.3.2: what a client may rely on in the answer."""

from idp.clock import to_epoch_seconds
from idp.oidc.userinfo import answer_userinfo_request
from tests.unit.oidc.samples import ISSUER, NOW, make_client
from tests.unit.oidc.token_world import TokenWorld


def test_the_id_token_validates_by_the_clients_list_of_checks() -> None:
    """§3.1.3.7: issuer, audience, signature algorithm, expiry, nonce, acr, auth_time."""
    world = TokenWorld()
    claims = world.signer.verify_own(world.redeem()["id_token"])
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "rp"
    assert "azp" not in claims
    assert claims["iat"] <= to_epoch_seconds(NOW) < claims["exp"]
    assert claims["nonce"] == world.grant.nonce
    assert claims["acr"] == world.grant.acr
    assert claims["auth_time"] == to_epoch_seconds(world.grant.auth_time)


def test_the_subject_has_at_most_255_ascii_characters() -> None:
    """§2, sub: case-sensitive, at most 255 ASCII characters."""
    world = TokenWorld(sub="A" * 43)
    claims = world.signer.verify_own(world.redeem()["id_token"])
    assert claims["sub"] == "A" * 43


def test_userinfo_and_id_token_have_one_subject() -> None:
    """§5.3.2: the sub of userinfo exactly matches that of the ID token."""
    world = TokenWorld()
    answer = world.redeem()
    claims = world.signer.verify_own(answer["id_token"])
    told = answer_userinfo_request(f"Bearer {answer['access_token']}", None, world.grants, NOW)
    assert told["sub"] == claims["sub"]


def test_rs256_is_there_for_whoever_asks() -> None:
    """§15.1: RS256 must be supported."""
    world = TokenWorld(make_client(id_token_signed_response_alg="RS256"))
    assert world.signer.verify_own(world.redeem()["id_token"])["sub"] == "subject-1"
