"""The access token by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import is_identifier
from idp.oidc.access_token import bearer_error, verify_access_token
from idp.oidc.errors import ErrorCode, OAuthError
from tests.unit.oidc.memory_stores import MemoryGrants
from tests.unit.oidc.samples import NOW
from tests.unit.oidc.token_world import TokenWorld


def test_a_token_is_256_bits_and_stored_as_a_hash() -> None:
    """F29: RFC 6749 §1.4; RFC 6749 §10.10."""
    world = TokenWorld()
    token = world.redeem()["access_token"]
    assert is_identifier(token)
    assert world.has_stored(token)
    assert not world.is_stored_in_plain(token)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=600))
def test_no_token_gets_another_exception_out(token: str) -> None:
    with pytest.raises(OAuthError) as refused:
        verify_access_token(token, MemoryGrants(), NOW)
    assert refused.value.code is ErrorCode.INVALID_TOKEN


def test_an_oversized_token_is_not_even_hashed() -> None:
    with pytest.raises(OAuthError) as refused:
        verify_access_token("x" * 513, MemoryGrants(), NOW)
    assert refused.value.code is ErrorCode.INVALID_TOKEN


def test_an_error_names_its_code_in_the_challenge() -> None:
    """RFC 6750 §3."""
    error = bearer_error(ErrorCode.INSUFFICIENT_SCOPE, "Not enough.")
    assert error.status == 403
    assert error.authenticate == 'Bearer error="insufficient_scope", error_description="Not enough."'
