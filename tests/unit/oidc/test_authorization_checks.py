"""The checks by themselves: each passes what is right, in whatever company."""

import pytest

from idp.oidc.authorization_checks import (
    MAXIMUM_MAX_AGE_SECONDS,
    check_claims,
    check_max_age,
    check_prompt,
    check_scope,
    check_supported,
)
from idp.oidc.authorization_request import CHECKS
from idp.oidc.errors import ErrorCode, OAuthError
from tests.unit.oidc.samples import authorization_parameters, encode, make_client


def test_every_check_passes_an_ordinary_request() -> None:
    for check in CHECKS:
        check(authorization_parameters(), make_client())


def test_the_checks_come_in_the_documented_order() -> None:
    assert [check.__name__ for check in CHECKS] == [
        "check_unique",
        "check_supported",
        "check_response_type",
        "check_response_mode",
        "check_scope",
        "check_challenge",
        "check_dpop_jkt",
        "check_resource",
        "check_prompt",
        "check_max_age",
        "check_claims",
    ]


@pytest.mark.parametrize("prompt", ["none", "login", "consent", "select_account", "login consent select_account"])
def test_known_prompts_pass(prompt: str) -> None:
    check_prompt(encode(prompt=prompt), make_client())


def test_the_longest_max_age_passes_and_one_second_more_does_not() -> None:
    check_max_age(encode(max_age=str(MAXIMUM_MAX_AGE_SECONDS)), make_client())
    with pytest.raises(OAuthError):
        check_max_age(encode(max_age=str(MAXIMUM_MAX_AGE_SECONDS + 1)), make_client())


def test_an_empty_request_parameter_is_as_if_absent() -> None:
    check_supported(encode(request="", request_uri=""), make_client())


def test_scope_tokens_of_any_rfc6749_character_pass() -> None:
    check_scope(encode(scope="openid https://api.example/!#[]~"), make_client())


def test_a_claims_object_passes_unread() -> None:
    check_claims(encode(claims='{"userinfo":{"name":{"essential":true}}}'), make_client())
    with pytest.raises(OAuthError) as refused:
        check_claims(encode(claims='"text"'), make_client())
    assert refused.value.code is ErrorCode.INVALID_REQUEST
