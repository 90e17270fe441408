"""What a person is asked, from the request alone."""

from typing import Any

import pytest

from idp.assurance.trust_framework import production_frameworks
from idp.oidc.claims_consent import choose_items, needed_evidence
from tests.unit.assurance.samples import ISSUER, REQUESTED_AT, make_policy, make_sandbox_policy
from tests.unit.oidc.claims_world import ALL, OPEN, ClaimsWorld, wanting
from tests.unit.oidc.samples import make_client

BOTH = {"user-authentication", "digital-signature"}


def needs(claims: dict[str, Any] | None = None, **changed: Any) -> set[str]:
    return set(needed_evidence(ClaimsWorld(claims, **changed).asked(), REQUESTED_AT))


@pytest.mark.parametrize(
    ("claims", "needed"),
    [
        (None, set()),
        ({"userinfo": {"given_name": None, "email": {"essential": True}}}, set()),
        ({"id_token": {"acr": None, "auth_time": {"essential": True}, "txn": None}}, set()),
        (wanting(None), {"user-authentication"}),
        (wanting(None, {"trust_framework": {"value": "jp_aml"}}), BOTH),
        (wanting(None, {**OPEN, "assurance_process": {"procedure": {"value": "jpki_signature_certificate"}}}), BOTH),
        (wanting({"name": None}), BOTH),
        (wanting({"given_name": None}), set()),
        (wanting({"name": None}, {"trust_framework": {"value": "de_aml"}}), set()),
        (wanting({"name": None}, {**OPEN, "evidence": [{"type": {"value": "vouch"}}]}), set()),
        (wanting({"name": None}, {**OPEN, "evidence": [{"type": {"value": "electronic_signature"}}]}), set()),
        ({"id_token": {"gender": None}}, BOTH),
        ({"userinfo": {"::age_20_or_over": None}}, BOTH),
        ({"userinfo": {"::age_21_or_over": None}}, set()),
    ],
)
def test_no_more_of_the_card_than_the_answer_needs(claims: dict[str, Any] | None, needed: set[str]) -> None:
    assert needs(claims) == needed


@pytest.mark.parametrize("scope", ["name", "profile", "address", "birthdate", "gender"])
def test_a_scope_of_attributes_needs_the_signing_certificate(scope: str) -> None:
    assert needs(scope=("openid", scope), client=make_client(scope=("openid", scope))) == BOTH


def test_a_client_that_is_not_registered_for_an_attribute_leads_nobody_to_the_signing_certificate() -> None:
    plain = make_client(scope=("openid",))
    assert needs({"userinfo": {"name": None}}, client=plain) == set()
    assert needs(wanting({"name": None}), client=plain) == set()
    assert needs({"userinfo": {"::age_20_or_over": None}}, client=plain) == BOTH


def test_a_legal_framework_in_a_sandbox_asks_nothing_of_anybody() -> None:
    wanted = wanting({"name": None}, {"trust_framework": {"value": "jp_aml"}})
    assert needs(wanted, policy=make_sandbox_policy()) == set()
    assert needs(wanting({"name": None}), policy=make_sandbox_policy()) == BOTH


def test_without_a_status_source_a_framework_that_wants_one_asks_nothing() -> None:
    unchecked = make_policy(frameworks=production_frameworks(ISSUER, {}), has_status_source=False)
    assert needs(wanting({"name": None}), policy=unchecked) == set()


def test_each_item_is_shown_once_and_is_essential_if_it_is_so_anywhere() -> None:
    claims = {
        "id_token": {"name": None, "::age_20_or_over": {"essential": True}},
        "userinfo": {
            "name": {"essential": True},
            f"{ISSUER}/claims/name_substitutions": None,
            "verified_claims": {"verification": OPEN, "claims": {"name": None, "gender": None}},
        },
    }
    items = ClaimsWorld(claims, scope=("openid", "gender")).items()
    assert [(item.key, item.is_essential) for item in items] == [
        ("name", True),
        ("gender", False),
        ("age_20_or_over", True),
    ]
    assert items[-1].predicate is not None
    assert items[-1].predicate.threshold == 20


def test_an_item_of_residence_carries_the_area_for_the_page() -> None:
    (item,) = ClaimsWorld({"userinfo": {"::lives_in_13101": None}}).items()
    assert item.key == "lives_in_13101"
    assert item.predicate is not None
    assert item.predicate.area is not None
    assert item.predicate.area.prefix == "東京都千代田区"


def test_every_key_can_stand_in_what_is_signed() -> None:
    """Card presenter protocol §3.2: claims are printable ASCII of at most 64 characters."""
    world = ClaimsWorld(
        {"userinfo": {"::lives_in_13101": None, "::age_75_or_over": None}}, scope=("openid", "profile", "address")
    )
    world = world.but(client=make_client(scope=(*ALL, "profile")))
    keys = world.keys()
    assert keys == ["name", "birthdate", "address", "gender", "age_75_or_over", "lives_in_13101"]
    assert all(key.isascii() and key.isprintable() and len(key) <= 64 for key in keys)


def test_the_choice_is_of_what_was_offered() -> None:
    items = ClaimsWorld(scope=ALL).items()
    assert choose_items(items, ["gender", "name"]) == ("name", "gender")
    assert choose_items(items, []) == ()
    with pytest.raises(ValueError, match="not offered"):
        choose_items(items, ["name", "certificate_serial"])
