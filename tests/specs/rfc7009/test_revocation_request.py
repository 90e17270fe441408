"""RFC 7009 §2.1 and §2.2, with the client authentication of each kind of client."""

from idp.oidc.errors import ErrorCode
from idp.oidc.revocation import RevocationDependencies, answer_revocation_request
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, encode, make_public_client
from tests.unit.oidc.token_world import OFFLINE, TokenWorld, refusal_of


def dependencies_of(world: TokenWorld) -> RevocationDependencies:
    clients = MemoryClients(world.client, world.other)
    return RevocationDependencies(ISSUER, f"{ISSUER}/revoke", clients, world.grants, world.once)


def test_a_public_client_revokes_its_own_token() -> None:
    world = TokenWorld(make_public_client(), scope=OFFLINE)
    answer = world.redeem(None, client_id="rp")
    parameters = encode(client_id="rp", token=answer["refresh_token"])
    answer_revocation_request(parameters, None, dependencies_of(world), NOW)
    assert not world.is_live(answer["access_token"])


def test_an_unknown_hint_is_ignored() -> None:
    world = TokenWorld(make_public_client(), scope=OFFLINE)
    answer = world.redeem(None, client_id="rp")
    parameters = encode(client_id="rp", token=answer["access_token"], token_type_hint="saml")
    answer_revocation_request(parameters, None, dependencies_of(world), NOW)
    assert not world.is_live(answer["access_token"])


def test_an_unauthenticated_request_is_refused() -> None:
    world = TokenWorld()
    refused = refusal_of(
        lambda: answer_revocation_request(encode(token="x"), None, dependencies_of(world), NOW),
    )
    assert refused.code is ErrorCode.INVALID_CLIENT
