"""What leaves: asked for, agreed to, true."""

import json
from datetime import timedelta
from typing import Any

import pytest

from idp.assurance.claims_policy import supported_claims
from idp.oidc.claims_release import ReleasedClaims, released_claims_from_json
from tests.unit.assurance.samples import (
    EVIDENCE,
    ISSUER,
    NOW,
    digital_signature,
    make_policy,
    make_sandbox_policy,
    person,
    user_authentication,
)
from tests.unit.oidc.claims_world import ALL, OPEN, TXN, ClaimsWorld, MemoryQuestions, wanting
from tests.unit.oidc.samples import make_client

ADDRESS = {"formatted": "東京都千代田区霞が関二丁目1番2号", "country_code": "JPN"}


def asking(*names: str) -> dict[str, Any]:
    return {"userinfo": dict.fromkeys(names)}


def test_the_governments_scopes_give_the_claims_of_the_standard() -> None:
    released = ClaimsWorld(scope=ALL).release()
    assert released.userinfo == {
        "name": "山田　太郎",
        "birthdate": "1985-03-15",
        "gender": "male",
        "address": ADDRESS,
    }
    assert released.id_token == {}


def test_profile_gives_what_a_certificate_carries_of_it() -> None:
    """OIDC Core §5.4."""
    profile = make_client(scope=("openid", "profile"))
    released = ClaimsWorld(scope=("openid", "profile"), client=profile).release()
    assert sorted(released.userinfo) == ["birthdate", "gender", "name"]


def test_a_claim_goes_where_it_was_asked_for() -> None:
    released = ClaimsWorld({"id_token": {"name": None}, "userinfo": {"gender": None}}).release()
    assert released.id_token == {"name": "山田　太郎"}
    assert released.userinfo == {"gender": "male"}


def test_unknown_gender_is_absent() -> None:
    released = ClaimsWorld(scope=ALL, evidence=(digital_signature(person(gender="unknown")),)).release()
    assert "gender" not in released.userinfo
    assert ("userinfo.gender", "not_available") in released.omitted


def test_a_substitute_character_stays_and_is_pointed_out_to_who_asks() -> None:
    claim = f"{ISSUER}/claims/name_substitutions"
    assert ClaimsWorld(asking("name", claim)).release().userinfo == {"name": "山田　太郎", claim: [0]}
    assert ClaimsWorld(asking("name")).release().userinfo == {"name": "山田　太郎"}


def test_a_narrower_access_token_gets_less() -> None:
    """R14, F14."""
    released = ClaimsWorld({"userinfo": {"gender": None}}, scope=ALL).release()
    assert released.for_userinfo(("openid", "birthdate")) == {"birthdate": "1985-03-15", "gender": "male"}
    assert released.for_userinfo(ALL) == released.userinfo


@pytest.mark.parametrize("agreed", [(), ("birthdate",), ("birthdate", "certificate_serial", "verification", "?")])
def test_what_was_not_agreed_to_does_not_leave(agreed: tuple[str, ...]) -> None:
    """OIDC Core §3.1.2.4."""
    world = ClaimsWorld(
        {"id_token": {"name": None}, "userinfo": wanting({"name": None, "birthdate": None})["userinfo"]}, scope=ALL
    )
    released = world.release(agreed)
    assert "山田" not in json.dumps([released.userinfo, released.id_token], ensure_ascii=False)
    assert ("id_token.name", "not_consented") in released.omitted


@pytest.mark.parametrize(
    "world",
    [
        ClaimsWorld(asking("name"), evidence=()),
        ClaimsWorld(asking("name"), evidence=(user_authentication(),)),
        ClaimsWorld(asking("name"), evidence=(digital_signature(None),)),
        ClaimsWorld(asking("name"), client=make_client(scope=("openid",))),
        ClaimsWorld({"userinfo": {"name": {"value": "山田　花子"}}}),
        ClaimsWorld(wanting({"name": None}), evidence=()),
        ClaimsWorld(wanting({"name": None}), evidence=(user_authentication(),)),
        ClaimsWorld(wanting({"name": None}), client=make_client(scope=("openid",))),
        ClaimsWorld(wanting({"name": {"value": "山田　花子"}})),
        ClaimsWorld(wanting({"name": None}, {"trust_framework": {"value": "de_aml"}})),
        ClaimsWorld(wanting({"name": None}, {**OPEN, "time": {"max_age": 1}}), evidence=()),
        ClaimsWorld(asking("::age_20_or_over"), questions=None),
        ClaimsWorld(asking("::age_20_or_over"), evidence=()),
    ],
)
def test_unmet_refused_and_unavailable_look_the_same(world: ClaimsWorld) -> None:
    for released in (world.release(), world.release(agreed=())):
        assert (released.userinfo, released.id_token, released.names) == ({}, {}, ())
    everything = [claim.consent_key for claim in supported_claims(world.policy).values()]
    assert world.release(agreed=everything).userinfo == {}
    assert world.release().omitted != ()


def test_reasons_name_no_value_and_nothing_that_a_client_made_up() -> None:
    world = ClaimsWorld(
        {
            "userinfo": {
                "090-1234-5678": None,
                **wanting({"夫の名前": None, "name": {"value": "山田　花子"}})["userinfo"],
            }
        }
    )
    assert world.release().omitted == (
        ("userinfo.?", "unsupported"),
        ("userinfo.verified_claims[0].claims.name", "value_not_met"),
        ("userinfo.verified_claims[0].claims.?", "unsupported"),
        ("userinfo.verified_claims[0]", "no_claim_left"),
    )


@pytest.mark.parametrize(
    ("verification", "reason"),
    [
        ({"trust_framework": {"value": "de_aml"}}, ("", "trust_framework_not_met")),
        ({**OPEN, "assurance_level": {"value": "high"}}, (".verification.assurance_level", "verification_not_met")),
        ({**OPEN, "夫の名前": {"value": "x"}}, (".verification.?", "verification_not_met")),
        (
            {**OPEN, "assurance_process": {"policy": {"value": "x"}}},
            (".verification.assurance_process.policy", "verification_not_met"),
        ),
        ({**OPEN, "evidence": [{"type": {"value": "vouch"}}]}, (".verification.evidence", "verification_not_met")),
    ],
)
def test_the_log_says_which_demand_could_not_be_met(verification: dict[str, Any], reason: tuple[str, str]) -> None:
    world = ClaimsWorld(wanting({"name": None}, verification))
    assert world.release().omitted == ((f"userinfo.verified_claims[0]{reason[0]}", reason[1]),)
    assert world.but(evidence=()).release(agreed=("name",)).omitted == world.release().omitted


def test_a_demand_that_this_card_does_not_meet_is_named_too() -> None:
    old = digital_signature(verified_at=NOW - timedelta(hours=2))
    world = ClaimsWorld(wanting({"name": None}, {**OPEN, "time": {"max_age": 60}}), evidence=(old,))
    assert world.release().omitted == (("userinfo.verified_claims[0].verification.time", "verification_not_met"),)


def test_the_transaction_is_named_to_who_asks() -> None:
    released = ClaimsWorld({"id_token": {"txn": None}, "userinfo": {"txn": {"value": "another"}}}).release(agreed=())
    assert (released.id_token, released.userinfo) == ({"txn": TXN}, {})


def test_claims_about_the_sign_in_are_not_for_release() -> None:
    released = ClaimsWorld({"id_token": {"sub": None, "acr": None, "iss": None}, "userinfo": {"sub": None}}).release()
    assert (released.id_token, released.userinfo, released.omitted) == ({}, {}, ())


def test_a_question_is_answered_without_the_attribute() -> None:
    defined = {"age_20_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", 20]]}}
    claims = {
        "_asc": {"transformed_claims": defined},
        "userinfo": {":age_20_or_over": None},
        "id_token": {"verified_claims": {"verification": OPEN, "claims": {"::age_20_or_over": {"value": True}}}},
    }
    released = ClaimsWorld(claims).release(agreed=("age_20_or_over",))
    assert released.userinfo == {":age_20_or_over": True}
    assert released.id_token["verified_claims"]["claims"] == {"::age_20_or_over": True}
    assert "1985" not in json.dumps(released.to_json())


def test_no_is_an_answer_unless_only_yes_was_wanted() -> None:
    world = ClaimsWorld(asking("::age_75_or_over"))
    assert world.release().userinfo == {"::age_75_or_over": False}
    assert world.but(claims={"userinfo": {"::age_75_or_over": {"value": True}}}).release().userinfo == {}


def test_agreeing_to_one_question_is_not_agreeing_to_another() -> None:
    assert ClaimsWorld(asking("::age_20_or_over")).release(agreed=("age_18_or_over", "birthdate")).userinfo == {}


def test_a_name_without_its_definition_is_unknown() -> None:
    world = ClaimsWorld(asking(":age_20_or_over"))
    assert world.keys() == []
    assert world.release(agreed=("age_20_or_over",)).userinfo == {}


def test_the_value_cannot_be_searched_out() -> None:
    questions = MemoryQuestions()
    world = ClaimsWorld(questions=questions, policy=make_policy(questions_a_year=3))
    ages = (13, 60, 18, 20, 25, 13)
    answers = [world.but(claims=asking(f"::age_{age}_or_over")).release().userinfo for age in ages]
    assert [bool(answer) for answer in answers] == [True, True, True, False, False, True]
    limited = world.but(claims=asking("::age_20_or_over")).release()
    assert limited.omitted == (("userinfo.::age_20_or_over", "question_limit"),)
    # Another client of the sector knows the person by the same sub, and so has no questions of its own.
    sibling = make_client(client_id="sibling")
    assert world.but(claims=asking("::age_70_or_over"), client=sibling).release().userinfo == {}
    stranger = make_client(sector="other.example")
    assert world.but(claims=asking("::age_70_or_over"), client=stranger).release().userinfo != {}
    assert world.but(claims=asking("::lives_in_13")).release().userinfo != {}


def test_a_question_that_is_not_answered_is_not_counted() -> None:
    questions = MemoryQuestions()
    world = ClaimsWorld(asking("::age_20_or_over"), questions=questions)
    world.release(agreed=())
    world.but(evidence=()).release()
    assert questions.asked == {}


def test_two_signatures_are_not_mixed() -> None:
    """What is said of the verification is said of the certificate that the attributes stand in."""
    bare = digital_signature(None, evidence_id="ev-other", verified_at=NOW - timedelta(days=9))
    told = ClaimsWorld(wanting({"name": None}, {**OPEN, "verification_process": None}), evidence=(bare, *EVIDENCE))
    assert told.release().userinfo["verified_claims"]["verification"]["verification_process"] == "ev-sign"


def test_a_sandbox_speaks_under_its_own_framework_only() -> None:
    cards = (user_authentication("none"), digital_signature(status="none"))
    released = ClaimsWorld(wanting({"name": None}), policy=make_sandbox_policy(), evidence=cards).release()
    assert released.userinfo["verified_claims"]["verification"] == {"trust_framework": f"{ISSUER}/tf/sandbox-v1"}


def test_stored_claims_are_the_claims_without_the_reasons() -> None:
    released = ClaimsWorld({"userinfo": {"gender": None, "x": None}, "id_token": {"txn": None}}, scope=ALL).release()
    stored = json.loads(json.dumps(released.to_json()))
    assert released_claims_from_json(stored) == ReleasedClaims(
        released.userinfo, released.id_token, released.names, (), released.by_scope
    )
    assert "山田" not in repr(released)
