"""Only who began the request can redeem its code."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.pkce import check_code_challenge, check_code_verifier
from tests.unit.oidc.samples import CODE_CHALLENGE, CODE_VERIFIER, encode

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def verifier_refusal(challenge: str | None, verifier: str | None) -> ErrorCode | None:
    try:
        check_code_verifier(challenge, verifier)
    except OAuthError as error:
        return error.code
    return None


def challenge_refusal(*, is_required: bool = True, **parameters: str) -> ErrorCode | None:
    try:
        check_code_challenge(encode(**parameters), is_required=is_required)
    except OAuthError as error:
        return error.code
    return None


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_a_verifier_matches_its_own_challenge_and_no_other(verifier: str) -> None:
    """RFC 7636 §4.6."""
    assert verifier_refusal(challenge_of(verifier), verifier) is None
    if verifier != CODE_VERIFIER:
        assert verifier_refusal(CODE_CHALLENGE, verifier) is ErrorCode.INVALID_GRANT


@given(st.text())
def test_no_verifier_gets_another_exception_out(verifier: str) -> None:
    verifier_refusal(CODE_CHALLENGE, verifier)


def test_r6_a_challenge_demands_a_verifier() -> None:
    """RFC 9700 §2.1.1."""
    assert verifier_refusal(CODE_CHALLENGE, None) is ErrorCode.INVALID_REQUEST


def test_r7_a_verifier_without_a_challenge_is_a_downgrade() -> None:
    """RFC 9700 §4.8.2."""
    assert verifier_refusal(None, CODE_VERIFIER) is ErrorCode.INVALID_GRANT
    assert verifier_refusal(None, None) is None


def test_the_challenge_itself_is_no_verifier() -> None:
    """``plain`` would accept it."""
    assert verifier_refusal(CODE_CHALLENGE, CODE_CHALLENGE) is ErrorCode.INVALID_GRANT


def test_o1_a_challenge_is_required_unless_registered_otherwise() -> None:
    """F19."""
    assert challenge_refusal() is ErrorCode.INVALID_REQUEST
    assert challenge_refusal(is_required=False) is None


def test_a_challenge_that_was_sent_is_checked_even_where_none_is_required() -> None:
    refused = challenge_refusal(is_required=False, code_challenge="short", code_challenge_method="S256")
    assert refused is ErrorCode.INVALID_REQUEST
    assert challenge_refusal(is_required=False, code_challenge_method="S256") is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("method", [None, "plain", "s256", "S512"])
def test_only_s256_is_accepted(method: str | None) -> None:
    """F19: RFC 7636 §4.3, §4.4.1."""
    parameters = {"code_challenge": CODE_CHALLENGE}
    if method is not None:
        parameters["code_challenge_method"] = method
    assert challenge_refusal(**parameters) is ErrorCode.INVALID_REQUEST
