"""Whatever is asked: nothing leaves that was not asked for and agreed to, and who agrees to less tells no more.

Requests made of everything that means something, and of some that does not.
"""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from idp.assurance.claims_policy import supported_claims
from tests.unit.assurance.samples import ISSUER, make_policy
from tests.unit.oidc.claims_world import ALL, ClaimsWorld, MemoryQuestions
from tests.unit.oidc.samples import make_client

POLICY = make_policy()
_NAMES = st.sampled_from([*sorted(supported_claims(POLICY)), "given_name", "sub", "txn", "x"])
_ELEMENT = st.sampled_from(
    [
        None,
        {},
        {"essential": True},
        {"value": "1985-03-15"},
        {"values": [True, "male"]},
        {"max_age": 10**9},
        {"value": False},
    ]
)
_CLAIMS = st.dictionaries(_NAMES, _ELEMENT, min_size=1, max_size=6)
_CHECK = st.fixed_dictionaries({}, optional=dict.fromkeys(("check_id", "check_method", "time"), _ELEMENT)).map(
    lambda check: {n: e for n, e in check.items() if n == "time" or e in (None, {}, {"essential": True})}
)
_EVIDENCE = st.fixed_dictionaries(
    {"type": st.sampled_from([{"value": t} for t in ("document", "electronic_signature", "vouch")])},
    optional={
        "check_details": st.lists(_CHECK, min_size=1, max_size=3),
        "document_details": st.sampled_from([{"type": None}, {"document_number": None}, {}]),
        "derived_claims": _CLAIMS,
        "serial_number": st.none(),
        "issuer": st.none(),
        "signature_type": st.none(),
    },
)
_VERIFICATION = st.fixed_dictionaries(
    {"trust_framework": st.sampled_from([None, {"value": "jp_aml"}, {"values": ["de_aml", f"{ISSUER}/tf/jpki-v1"]}])},
    optional={
        "time": st.sampled_from([None, {"max_age": 5}, {"max_age": 86_400}]),
        "verification_process": st.none(),
        "assurance_process": st.sampled_from([{}, {"policy": None}, {"procedure": None, "policy": None}]),
        "evidence": st.lists(_EVIDENCE, min_size=1, max_size=3),
    },
)
_WANTED = st.fixed_dictionaries({"verification": _VERIFICATION, "claims": st.none() | _CLAIMS})
_VERIFIED = _WANTED | st.lists(_WANTED, max_size=3)
_PLACE = st.tuples(_CLAIMS, st.none() | _VERIFIED).map(
    lambda parts: parts[0] if parts[1] is None else {**parts[0], "verified_claims": parts[1]}
)


def _one_question_a_kind(claims: Any) -> Any:
    """Requests with two thresholds are refused elsewhere; here one of each kind is left."""
    if isinstance(claims, list):
        return [_one_question_a_kind(member) for member in claims]
    if not isinstance(claims, dict):
        return claims
    kept = ("::age_20_or_over", "::lives_in_13")
    return {n: _one_question_a_kind(e) for n, e in claims.items() if not n.startswith(":") or n in kept}


def _without_empty_claims(place: dict[str, Any]) -> dict[str, Any]:
    def mend(wanted: dict[str, Any]) -> dict[str, Any]:
        return {**wanted, "claims": wanted["claims"] or None}

    verified = place.get("verified_claims")
    if isinstance(verified, dict):
        return {**place, "verified_claims": mend(verified)}
    return {**place, "verified_claims": [mend(w) for w in verified]} if isinstance(verified, list) else place


_REQUEST = st.fixed_dictionaries({}, optional={"userinfo": _PLACE, "id_token": _PLACE}).map(
    lambda claims: {place: _without_empty_claims(_one_question_a_kind(wanted)) for place, wanted in claims.items()}
)
_AGREED = st.sets(
    st.sampled_from(["name", "birthdate", "address", "gender", "age_20_or_over", "lives_in_13", "verification"])
    | st.just("certificate_serial")
)
_SCOPE = st.sets(st.sampled_from(ALL)).map(lambda scope: tuple(sorted(scope | {"openid"})))
_WORLD = st.builds(
    lambda claims, scope, registered, is_verifier: ClaimsWorld(
        claims, scope=scope, policy=POLICY, client=make_client(scope=registered, is_lawful_verifier=is_verifier)
    ),
    _REQUEST,
    _SCOPE,
    _SCOPE,
    st.booleans(),
)


def flat(answer: Any, path: str = "") -> set[str]:
    """Every leaf of an answer, with where it stands; array places are not counted, for arrays get shorter."""
    if isinstance(answer, dict):
        return {f"{path}.{n}" for n in answer} | {leaf for n, e in answer.items() for leaf in flat(e, f"{path}.{n}")}
    if isinstance(answer, list):
        return {leaf for member in answer for leaf in flat(member, path)}
    return {f"{path}={answer}"}


def asked_names(place: dict[str, Any]) -> set[str]:
    verified = place.get("verified_claims") or []
    wanted = verified if isinstance(verified, list) else [verified]
    return set(place) | {name for one in wanted for name in one["claims"] or ()}


@settings(max_examples=120, deadline=None)
@given(_WORLD, _AGREED)
def test_nothing_leaves_that_was_not_asked_for_and_agreed_to(world: ClaimsWorld, agreed: set[str]) -> None:
    released = world.release(agreed)
    table = supported_claims(POLICY)
    for place, answer in (("userinfo", released.userinfo), ("id_token", released.id_token)):
        wanted = (world.claims or {}).get(place, {})
        asked = asked_names(wanted) | (set(world.scope) if place == "userinfo" else set())
        verified = answer.get("verified_claims") or []
        told = [one["claims"] for one in (verified if isinstance(verified, list) else [verified])]
        for name in {*answer, *(name for claims in told for name in claims)} - {"txn", "verified_claims"}:
            assert name in asked
            assert table[name].consent_key in agreed
            assert table[name].predicate is not None or table[name].base in world.client.scope
    text = json.dumps([released.userinfo, released.id_token], ensure_ascii=False)
    for key, secret in (
        ("name", "山田"),
        ("birthdate", "1985"),
        ("address", "霞が関"),
        ("certificate_serial", "1a2b3c4d"),
    ):
        assert key in agreed or secret not in text
    assert world.client.is_lawful_verifier or "1a2b3c4d" not in text


@settings(max_examples=120, deadline=None)
@given(_WORLD, _AGREED, _AGREED)
def test_who_agrees_to_less_tells_no_more(world: ClaimsWorld, agreed: set[str], other: set[str]) -> None:
    less = world.release(agreed & other)
    more = world.but(questions=MemoryQuestions()).release(agreed)
    assert flat([less.userinfo]) <= flat([more.userinfo])
    assert flat([less.id_token]) <= flat([more.id_token])


@settings(max_examples=60, deadline=None)
@given(_WORLD)
def test_who_agrees_to_what_was_shown_is_told_what_a_card_can_give(world: ClaimsWorld) -> None:
    """Nothing more than the items shown could have left: agreeing to everything there is changes nothing."""
    everything = {claim.consent_key for claim in supported_claims(POLICY).values()}
    everything |= {"verification", "certificate_serial"}
    shown = world.release()
    assert shown.userinfo == world.but(questions=MemoryQuestions()).release(everything).userinfo
    assert shown.id_token == world.but(questions=MemoryQuestions()).release(everything).id_token
