"""RFC 7636 §4.1, §4.2 and appendix B: the grammar of verifier and challenge, at its boundaries."""

import pytest

from idp.oidc.errors import OAuthError
from idp.oidc.pkce import check_code_challenge, check_code_verifier
from tests.unit.oidc.samples import CODE_CHALLENGE, CODE_VERIFIER, encode
from tests.unit.oidc.test_pkce import challenge_of


def test_the_example_of_appendix_b_verifies() -> None:
    check_code_verifier(CODE_CHALLENGE, CODE_VERIFIER)


@pytest.mark.parametrize("length", [43, 128])
def test_a_verifier_has_43_to_128_characters(length: int) -> None:
    verifier = "~" * length
    check_code_verifier(challenge_of(verifier), verifier)


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "!", "a" * 42 + "=", "a" * 43 + "\n", "é" * 43])
def test_a_verifier_outside_the_grammar_is_refused_even_if_it_matches(verifier: str) -> None:
    with pytest.raises(OAuthError):
        check_code_verifier(challenge_of(verifier), verifier)


@pytest.mark.parametrize(
    "challenge",
    [
        CODE_CHALLENGE[:-1],
        CODE_CHALLENGE + "A",
        CODE_CHALLENGE + "=",
        CODE_CHALLENGE[:-1] + "N",  # 43 characters, but loose trailing bits: not what SHA-256 encodes to
        CODE_CHALLENGE[:-1] + "+",
        CODE_CHALLENGE + "\n",
    ],
)
def test_a_challenge_is_exactly_the_base64url_of_32_bytes(challenge: str) -> None:
    """F19."""
    with pytest.raises(OAuthError):
        check_code_challenge(encode(code_challenge=challenge, code_challenge_method="S256"), is_required=True)
