"""The claims parameter as text: read within limits, kept in one form."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.assurance.constraint import InvalidClaimsRequest
from idp.oidc.authorization_request import AuthorizationRequest, parse_authorization_request
from idp.oidc.claims_request import accept_claims_parameter, parse_claims_request
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.strict_json import JsonLimits
from tests.specs.oidc4ida.schemas import is_valid_request
from tests.unit.assurance.samples import make_policy
from tests.unit.oidc.claims_world import ALL, OPEN
from tests.unit.oidc.samples import REDIRECT_URI, RealSigner, authorization_parameters, make_client

AGE = {"claim": "birthdate", "fn": ["years_ago", ["gte", 20]]}
CLIENT = make_client(scope=ALL)


def authorization_request(**parameters: str | None) -> AuthorizationRequest:
    redirect = verify_redirect_uri(CLIENT, REDIRECT_URI, "state")
    return parse_authorization_request(
        authorization_parameters(**parameters),
        CLIENT,
        redirect,
        id_token_hints=RealSigner(),
        claims_policy=make_policy(),
    )


def asks(*questions: str, defined: dict[str, Any] | None = None) -> str:
    return json.dumps({"userinfo": dict.fromkeys(questions), "_asc": {"transformed_claims": defined or {}}})


def refusal(text: str) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        accept_claims_parameter(text, make_policy())
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"userinfo": {}}',
        '{"id_token": {"auth_time": {"essential": true}, "given_name": null, "x": {"unknown": 1}}}',
        '{"something": "else", "userinfo": {"name": {}}}',
        '{"userinfo": {"name": {"value": null}}}',
    ],
)
def test_what_is_not_understood_is_ignored(text: str) -> None:
    """OIDC Core §5.5, §5.5.1."""
    assert accept_claims_parameter(text, make_policy())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{",
        '{"userinfo": null}',
        '{"userinfo": []}',
        '{"id_token": "x"}',
        '{"userinfo": {"name": true}}',
        '{"userinfo": {"name": {"essential": "yes"}}}',
        '{"userinfo": {"name": {"value": "a", "values": ["a"]}}}',
        '{"userinfo": {"name": null, "name": {"essential": true}}}',
        '{"userinfo": {"name": {"value": NaN}}}',
        '{"userinfo": {"name": {"value": 1e400}}}',
        '{"userinfo": {"name": {"value": 9007199254740992.0}}}',
        '{"x": [' + "1e15," * 1000 + "1e15]}",
        '{"userinfo": {"name": {"value": 123456789012345678901234567890}}}',
        '{"userinfo": {"name": {"value": "\\ud800"}}}',
        '{"userinfo": {"verified_claims": null}}',
        '{"userinfo": {"verified_claims": {"verification": {"trust_framework": null}, "claims": {}}}}',
        '{"_asc": null}',
        '{"_asc": {"transformed_claims": []}}',
        '{"id_token": {"acr": {"value": 1}, "sub": {"values": []}}}',
        '{"userinfo": ' + "[" * 4000 + "]" * 4000 + "}",
        '{"userinfo": {"name": {"value": "' + "x" * 8192 + '"}}}',
    ],
)
def test_nonsense_is_an_invalid_request(text: str) -> None:
    refusal(text)


def test_depth_and_number_are_limited() -> None:
    def nested(levels: int) -> str:
        inner: Any = 1
        for _ in range(levels):
            inner = [inner]
        return json.dumps({"unknown": inner})

    assert parse_claims_request(nested(JsonLimits().depth - 2))
    for text in (nested(JsonLimits().depth - 1), json.dumps({"unknown": [0] * 1025})):
        with pytest.raises(InvalidClaimsRequest):
            parse_claims_request(text)


def test_equal_requests_have_one_canonical_text() -> None:
    one = parse_claims_request('{ "userinfo": {"name": null, "gender": {"essential": true}} }')
    other = parse_claims_request('{"userinfo":{"gender":{"essential":true},"name":null}}')
    assert one == other
    assert parse_claims_request(one.canonical) == one


def test_the_stored_request_is_the_request() -> None:
    asked = {"userinfo": {"verified_claims": {"verification": OPEN, "claims": {"name": {"value": "山田"}}}}}
    request = authorization_request(claims=json.dumps(asked), scope="openid name email")
    stored = json.loads(json.dumps(request.to_json()))
    assert AuthorizationRequest.from_json(stored) == request
    assert request.scope == ("openid", "name")


def test_a_request_stored_before_there_were_claims_is_still_read() -> None:
    request = authorization_request()
    stored = {k: v for k, v in request.to_json().items() if k not in ("claims", "is_acr_essential")}
    assert AuthorizationRequest.from_json(stored) == request


def test_without_a_policy_claims_and_their_scopes_ask_for_nothing() -> None:
    request = parse_authorization_request(
        authorization_parameters(claims='{"userinfo": {"name": null}}', scope="openid name"),
        CLIENT,
        verify_redirect_uri(CLIENT, REDIRECT_URI, "state"),
        id_token_hints=RealSigner(),
    )
    assert request.claims is None
    assert request.scope == ("openid",)


def test_a_broken_parameter_goes_back_to_the_client() -> None:
    with pytest.raises(AuthorizationRefused) as refused:
        authorization_request(claims='{"userinfo": {"name": 1}}')
    assert refused.value.error.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    "defined",
    [
        {"age_20_or_over": AGE},
        {"age_20_or_over": {"claim": "birthdate", "fn": [["years_ago"], ["gte", 20]]}},
        {"lives_in_13": {"claim": "address", "fn": [["get", "formatted"], ["starts_with", "東京都"]]}},
        {"shoe_size": {"claim": "feet", "fn": ["length"]}},
    ],
)
def test_a_question_is_accepted_under_the_name_that_says_it(defined: dict[str, Any]) -> None:
    assert accept_claims_parameter(asks(defined=defined), make_policy())


@pytest.mark.parametrize(
    "defined",
    [
        {"age_20_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", 12]]}},
        {"adult": AGE},
        {"age_19_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", 19]]}},
        {"age_20_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", 20.5]]}},
        {"age_20_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", True]]}},
        {"age_20_or_over": {"claim": "birthdate", "fn": [["years_ago", "2000-01-01"], ["gte", 20]]}},
        {"age_20_or_over": {"claim": "name", "fn": ["years_ago", ["gte", 20]]}},
        {"age_20_or_over": {"claim": "birthdate", "fn": ["years_ago", ["gte", 20], ["eq", True]]}},
        {"n": {"claim": "name", "fn": [["match", "^(a+)+$"]]}},
        {"h": {"claim": "name", "fn": [["hash", "sha-256"]]}},
        {":age_20_or_over": AGE},
        {"age_20_or_over": {"claim": "birthdate"}},
        {"age_20_or_over": {"claim": "birthdate", "fn": []}},
        {"age_20_or_over": {"claim": "birthdate", "fn": [[]]}},
        {"age_20_or_over": {"claim": 1, "fn": ["years_ago"]}},
        {"a": AGE, "b": AGE, "c": AGE},
        {"lives_in_13": {"claim": "address", "fn": [["get", "formatted"], ["starts_with", "大阪府"]]}},
    ],
)
def test_a_question_that_is_not_what_its_name_says_is_refused(defined: dict[str, Any]) -> None:
    """A person who alters "20" to "12" in the browser gets an error, not an answer under the old name."""
    refusal(asks(":age_20_or_over", defined=defined))


def test_one_threshold_and_one_area_a_request() -> None:
    assert accept_claims_parameter(asks("::age_20_or_over", "::lives_in_13"), make_policy())
    assert accept_claims_parameter(asks("::age_20_or_over", ":age_20_or_over"), make_policy())
    refusal(asks("::age_20_or_over", "::age_18_or_over"))
    refusal(asks("::lives_in_13", "::lives_in_13101"))
    refusal(asks("::age_18_or_over", ":age_20_or_over", defined={"age_20_or_over": AGE}))


def test_two_thresholds_in_two_places_are_two() -> None:
    verified = {"verification": OPEN, "claims": {"::age_18_or_over": None}}
    refusal(json.dumps({"id_token": {"::age_20_or_over": None}, "userinfo": {"verified_claims": verified}}))


_MEMBERS = (
    "userinfo id_token verified_claims verification claims trust_framework evidence type",
    "value values essential max_age",
    "time name check_details document_details _asc transformed_claims fn claim assurance_process ::age_20_or_over",
)
_NAMES = st.sampled_from([member for line in _MEMBERS for member in line.split()])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=4) | st.just("document"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), _JSON.map(json.dumps), st.dictionaries(_NAMES, _JSON).map(json.dumps)))
def test_whatever_comes_is_read_or_refused_and_what_was_read_reads_again(text: str) -> None:
    try:
        request = accept_claims_parameter(text, make_policy())
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST
        return
    assert parse_claims_request(request.canonical) == request
    assert is_valid_request(json.loads(request.canonical))
