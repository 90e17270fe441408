"""Which details a token carries, and who is told of which (RFC 9396 §6, §7, §9)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws

from idp.oidc.assigned_details import choose_details, details_for
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.introspection import IntrospectionDependencies, answer_introspection_request
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, basic, encode, make_client, make_grant
from tests.unit.oidc.token_world import OFFLINE, TokenWorld, refusal_of

API, OTHER = "https://api.example", "https://other.example"
CARD, LOAN = "library-card", "loan"
EVERYWHERE = {"type": CARD, "branch": "中央"}
AT_API = {"type": LOAN, "locations": [API, "https://third.example"]}
AT_OTHER = {"type": LOAN, "locations": OTHER, "book": "x"}
GRANTED = [EVERYWHERE, AT_API, AT_OTHER]
DETAILS = AuthorizationDetails.from_list(GRANTED)


def options(form: str = "opaque", types: tuple[str, ...] = (CARD, LOAN)) -> ClientOptions:
    return ClientOptions(access_token_format=form, resources=(API, OTHER), authorization_details_types=types)


class World(TokenWorld):
    def __init__(self, form: str = "opaque") -> None:
        super().__init__(
            make_client(options=options(form)),
            scope=OFFLINE,
            resources=(API, OTHER),
            authorization_details=DETAILS,
        )
        servers = [
            make_client(client_id=name, options=ClientOptions(protected_resources=(resource,)))
            for name, resource in (("api", API), ("other-api", OTHER))
        ]
        self.introspecting = IntrospectionDependencies(
            issuer=ISSUER,
            endpoint_url=f"{ISSUER}/introspect",
            clients=MemoryClients(self.client, *servers),
            tokens=self.grants,
            once=self.once,
            signer=self.signer,
            own_tokens=self.signer,
        )

    def told(self, token: str, caller: str) -> list[dict[str, Any]] | None:
        """What introspection says to one caller."""
        answer = answer_introspection_request(encode(token=token), basic(caller), self.introspecting, NOW)
        assert answer.members["active"] is True
        details: list[dict[str, Any]] | None = answer.members.get("authorization_details")
        return details

    def in_jwt(self, token: str) -> list[dict[str, Any]] | None:
        """What stands in a JWT access token, verified by jwcrypto."""
        verified = jws.JWS()
        verified.deserialize(token, jwk.JWK(**self.signer.keys["ES256"].as_dict(private=False)))
        details: list[dict[str, Any]] | None = json.loads(verified.payload).get("authorization_details")
        return details


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_a_token_carries_what_was_granted_and_a_refreshed_one_too(form: str) -> None:
    """RFC 9396 §7."""
    world = World(form)
    tokens = world.redeem()
    again = world.refresh(tokens["refresh_token"])
    assert tokens["authorization_details"] == again["authorization_details"] == GRANTED
    assert world.told(tokens["access_token"], "rp") == world.told(again["access_token"], "rp") == GRANTED


def test_a_client_narrows_a_token_and_the_next_one_is_whole_again() -> None:
    """RFC 9396 §6: the narrower token, by any form of it, and introspection say the same."""
    world = World("jwt")
    asked = json.dumps([AT_API])
    narrow = world.redeem(authorization_details=asked)
    assert narrow["authorization_details"] == [AT_API]
    assert world.told(narrow["access_token"], "rp") == world.told(narrow["access_token"], "api") == [AT_API]
    assert world.told(narrow["access_token"], "other-api") is None
    whole = world.refresh(narrow["refresh_token"])
    assert whole["authorization_details"] == GRANTED
    narrow = world.refresh(whole["refresh_token"], authorization_details=json.dumps([AT_OTHER, EVERYWHERE]))
    assert narrow["authorization_details"] == [EVERYWHERE, AT_OTHER]


@pytest.mark.parametrize(
    "asked",
    [
        "x", "{}", "[]", "null", '"loan"', "[null]", "[1]", "[[]]", "[{}]", '[{"type":"loan"}]',
        json.dumps([EVERYWHERE, {"type": CARD}]), json.dumps([{**EVERYWHERE, "branch": "別"}]),
        json.dumps([{**AT_API, "locations": [API]}]), json.dumps([{**AT_API, "extra": "x"}]), json.dumps(EVERYWHERE),
        '[{"type":"library-card","branch":"別","branch":"中央"}]', "[" * 4000,
    ],
)  # fmt: skip
def test_what_was_not_granted_is_refused_and_nothing_is_spent(asked: str) -> None:
    world = World()
    refused = refusal_of(lambda: world.redeem(authorization_details=asked))
    assert (refused.code, refused.status) == (ErrorCode.INVALID_AUTHORIZATION_DETAILS, 400)
    tokens = world.redeem()
    refused = refusal_of(lambda: world.refresh(tokens["refresh_token"], authorization_details=asked))
    assert refused.code is ErrorCode.INVALID_AUTHORIZATION_DETAILS
    assert world.refresh(tokens["refresh_token"])["authorization_details"] == GRANTED


def test_details_cannot_be_had_at_the_token_endpoint_alone() -> None:
    world = TokenWorld(make_client(options=options()), scope=OFFLINE)
    refused = refusal_of(lambda: world.redeem(authorization_details=json.dumps([EVERYWHERE])))
    assert refused.code is ErrorCode.INVALID_AUTHORIZATION_DETAILS
    assert "authorization_details" not in world.redeem()


def test_a_type_that_the_client_has_lost_is_in_no_new_token() -> None:
    client = make_client(options=options(types=(CARD,)))
    grant = make_grant(authorization_details=DETAILS)
    assert choose_details(encode(), client, grant) == AuthorizationDetails.from_list([EVERYWHERE])
    nothing_left = choose_details(encode(), make_client(), grant)
    assert nothing_left == AuthorizationDetails("[]")
    with pytest.raises(OAuthError):
        choose_details(encode(authorization_details=json.dumps([AT_API])), client, grant)


def test_a_jwt_has_the_details_for_its_audience_and_those_for_no_certain_one() -> None:
    """RFC 9396 §9.1."""
    world = World("jwt")
    tokens = world.redeem(resource=API)
    assert tokens["authorization_details"] == GRANTED
    assert world.in_jwt(tokens["access_token"]) == [EVERYWHERE, AT_API]
    for_both = world.refresh(tokens["refresh_token"])["access_token"]
    assert world.in_jwt(for_both) == GRANTED


def test_a_jwt_without_details_for_its_audience_says_nothing_of_them() -> None:
    world = World("jwt")
    token = world.redeem(resource=API, authorization_details=json.dumps([AT_OTHER]))["access_token"]
    assert world.in_jwt(token) is None
    assert world.told(token, "api") is None


def test_a_resource_server_is_told_of_the_details_for_it_and_of_no_others() -> None:
    """RFC 9396 §9.2: the client is told all, a resource server not what another one is to do."""
    world = World()
    token = world.redeem()["access_token"]
    assert world.told(token, "rp") == GRANTED
    assert world.told(token, "api") == [EVERYWHERE, AT_API]
    assert world.told(token, "other-api") == [EVERYWHERE, AT_OTHER]


@given(st.lists(st.sampled_from(GRANTED), unique_by=str), st.lists(st.sampled_from([API, OTHER, ISSUER])))
def test_nobody_is_told_of_a_detail_that_names_other_places_only(
    granted: list[dict[str, Any]], audience: list[str]
) -> None:
    told = details_for(AuthorizationDetails.from_list(granted), tuple(audience))
    assert [detail for detail in granted if detail in told] == told
    for detail in granted:
        assert (detail in told) == ("locations" not in detail or any(each in detail["locations"] for each in audience))
