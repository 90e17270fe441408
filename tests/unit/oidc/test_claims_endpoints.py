"""Claims where clients meet them: the metadata, registration, the ID token and userinfo."""

from typing import Any

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.assurance.claims_policy import supported_claims
from idp.oidc.access_token import issue_access_token
from idp.oidc.claims_authentication import check_essential_acr
from idp.oidc.claims_release import ReleasedClaims
from idp.oidc.discovery import provider_metadata
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.id_token import issue_id_token
from idp.oidc.registration import client_fingerprint, register_client
from idp.oidc.userinfo import answer_userinfo_request
from tests.unit.assurance.samples import ISSUER as ID_ISSUER
from tests.unit.assurance.samples import make_policy, make_sandbox_policy
from tests.unit.oidc.claims_world import ALL, ClaimsWorld
from tests.unit.oidc.memory_stores import MemoryGrants
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    REDIRECT_URI,
    USER_AUTHENTICATION,
    RealSigner,
    make_client,
    make_grant,
)
from tests.unit.oidc.test_claims_request import authorization_request
from tests.unit.oidc.token_world import TokenWorld

POLICY = make_policy()
METADATA = {"redirect_uris": [REDIRECT_URI], "client_name": "Bank"}


def metadata(**changed: Any) -> dict[str, Any]:
    return provider_metadata(ISSUER, is_sandbox=False, op_policy_uri="https://idp.example/privacy", **changed)


def test_without_a_policy_nothing_of_it_is_announced() -> None:
    announced = metadata()
    assert announced["claims_parameter_supported"] is False
    assert "claims_locales_supported" not in announced
    assert announced["scopes_supported"] == ["openid", "offline_access"]
    assert not [name for name in announced if "verified" in name or "trust" in name or "transformed" in name]


def test_everything_that_can_be_released_is_announced_and_nothing_else() -> None:
    """OIDC4IDA §8."""
    announced = metadata(claims_policy=POLICY)
    OpenIDProviderMetadata(announced).validate()
    assert announced["claims_parameter_supported"] is True
    # OIDC Core §5.2: one spelling, the certificate's.
    assert announced["claims_locales_supported"] == ["ja"]
    assert set(announced["scopes_supported"]) == {*ALL, "profile", "offline_access"}
    table = set(supported_claims(POLICY))
    assert set(announced["claims_in_verified_claims_supported"]) == table
    assert set(announced["claims_supported"]) == table | {"txn", "verified_claims", *metadata()["claims_supported"]}
    assert announced["trust_frameworks_supported"] == [f"{ID_ISSUER}/tf/jpki-v1", "jp_aml"]
    assert announced["documents_supported"][0] == "jp_individual_number_card"
    assert announced["documents_check_methods_supported"] == ["eid", "token", "vcrypt"]
    assert "documents_methods_supported" not in announced
    assert "verified_claims_supported" not in announced
    assert metadata(claims_policy=make_sandbox_policy())["trust_frameworks_supported"] == [f"{ID_ISSUER}/tf/sandbox-v1"]


def test_what_is_announced_of_questions_is_what_is_accepted() -> None:
    announced = metadata(claims_policy=POLICY)
    predefined = announced["transformed_claims_predefined"]
    assert predefined["age_20_or_over"] == {"claim": "birthdate", "fn": ["years_ago", ["gte", 20]]}
    for name, definition in predefined.items():
        world = ClaimsWorld({"_asc": {"transformed_claims": {name: definition}}, "userinfo": {f":{name}": None}})
        assert world.keys() == [name]
        assert world.but(claims={"userinfo": {f"::{name}": None}}).keys() == [name]
    assert announced["transformed_claims_max_count"] == announced["transformed_claims_max_depth"] == 2
    silent = metadata(claims_policy=make_policy(age_thresholds=(), areas=()))
    assert not [name for name in silent if name.startswith("transformed")]


def test_a_client_registers_for_scopes_of_claims_where_they_are_released() -> None:
    asked = {**METADATA, "scope": "openid name address"}
    client, _ = register_client(asked, sandbox=False, now=NOW, claims_policy=POLICY)
    assert client.scope == ("openid", "name", "address")
    with pytest.raises(OAuthError) as refused:
        register_client(asked, sandbox=False, now=NOW)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


def test_a_lawful_verifier_is_the_operators_word_and_part_of_what_is_watched() -> None:
    client, _ = register_client(METADATA, sandbox=False, now=NOW, client_id="bank", is_lawful_verifier=True)
    assert client.is_lawful_verifier
    assert client.fingerprint == client_fingerprint(client)
    assert client.fingerprint != client_fingerprint(make_client())
    with pytest.raises(OAuthError):
        register_client({**METADATA, "is_lawful_verifier": True}, sandbox=False, now=NOW)


def id_token(released: dict[str, Any], **changed: Any) -> dict[str, Any]:
    signer = RealSigner()
    token = issue_id_token(
        make_grant(),
        make_client(),
        signer,
        issuer=ISSUER,
        access_token="t",
        now=NOW,
        lifetime_seconds=300,
        sandbox=False,
        encryption=None,
        released_claims=released,
        **changed,
    )
    return signer.verify_own(token)


def test_released_claims_stand_in_the_id_token_of_the_code_and_not_of_refreshes() -> None:
    released = ClaimsWorld({"id_token": {"name": None}}).release().id_token
    assert id_token(released)["name"] == "山田　太郎"
    assert "name" not in id_token(released, is_refreshed=True)


def test_no_released_claim_takes_the_place_of_one_about_the_sign_in() -> None:
    assert id_token({"sub": "another", "acr": "higher"})["sub"] == "subject-1"
    assert id_token({"acr": "higher"})["acr"] == USER_AUTHENTICATION


class OneGrantsClaims:
    def __init__(self, released: ReleasedClaims) -> None:
        self.released = released

    def find_released_claims(self, grant_id: str) -> ReleasedClaims | None:
        return self.released if grant_id == "grant-1" else None


def userinfo(grants: MemoryGrants, token: str, released: ReleasedClaims) -> dict[str, Any]:
    return answer_userinfo_request(f"Bearer {token}", None, grants, NOW, OneGrantsClaims(released))


def test_userinfo_tells_the_claims_of_its_grant_and_its_subject() -> None:
    world = TokenWorld()
    token = world.redeem()["access_token"]
    released = ClaimsWorld({"userinfo": {"gender": None}}, scope=ALL).release()
    assert userinfo(world.grants, token, released) == {"sub": "subject-1", "gender": "male"}


def test_userinfo_tells_no_more_than_the_scope_of_the_access_token() -> None:
    """R14, F14: RFC 9700 §2.3."""
    world = TokenWorld(scope=("openid", "name", "gender"))
    world.redeem()
    released = ClaimsWorld(scope=ALL).release()
    with world.grants.writing() as writer:
        narrow = issue_access_token(
            "grant-1", ("openid", "gender"), writer, now=NOW, lifetime_seconds=60, randomness=lambda size: b"n" * size
        )
    assert userinfo(world.grants, narrow.token, released) == {"sub": "subject-1", "gender": "male"}


def test_the_sub_asked_for_is_the_one_hinted_at() -> None:
    """OIDC Core §3.1.2.2."""
    assert (
        authorization_request(claims='{"id_token": {"sub": {"value": "subject-9"}}}').id_token_hint_sub == "subject-9"
    )
    hint = RealSigner().sign({"aud": "rp", "sub": "subject-1", "exp": 1}, "ES256")
    same = authorization_request(claims='{"id_token": {"sub": {"value": "subject-1"}}}', id_token_hint=hint)
    assert same.id_token_hint_sub == "subject-1"


@pytest.mark.parametrize(
    "claims",
    [
        '{"id_token": {"sub": {"value": "subject-2"}}}',
        '{"id_token": {"sub": {"values": ["subject-1", "subject-2"]}}}',
        '{"id_token": {"sub": {"value": 1}}}',
    ],
)
def test_another_sub_than_the_hinted_one_is_an_invalid_request(claims: str) -> None:
    hint = RealSigner().sign({"aud": "rp", "sub": "subject-1", "exp": 1}, "ES256")
    with pytest.raises(Exception, match="invalid_request"):
        authorization_request(claims=claims, id_token_hint=hint)


def test_an_essential_acr_displaces_the_voluntary_one() -> None:
    """OIDC Core §5.5.1.1."""
    claims = '{"id_token": {"acr": {"values": ["aal3"], "essential": true}}}'
    essential = authorization_request(claims=claims, acr_values="other")
    assert (essential.acr_values, essential.is_acr_essential) == (("aal3",), True)
    voluntary = authorization_request(claims='{"id_token": {"acr": {"value": "aal3"}}}', acr_values="other")
    assert (voluntary.acr_values, voluntary.is_acr_essential) == (("aal3", "other"), False)
    assert authorization_request(claims='{"id_token": {"acr": {"essential": true}}}').is_acr_essential is False


def test_an_essential_acr_that_is_not_reached_is_a_failed_authentication() -> None:
    check_essential_acr(("aal3",), USER_AUTHENTICATION, ISSUER)
    with pytest.raises(OAuthError) as refused:
        check_essential_acr(("aal3",), USER_AUTHENTICATION + "-unchecked", ISSUER)
    assert refused.value.code is ErrorCode.UNMET_AUTHENTICATION_REQUIREMENTS
