"""What a client is told."""

from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ErrorCode, OAuthError


@given(st.text())
def test_a_description_has_only_characters_that_may_be_sent(text: str) -> None:
    """RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E."""
    description = OAuthError(ErrorCode.INVALID_REQUEST, text).description
    assert all(character in {" ", "!"} or "#" <= character <= "~" for character in description)
    assert "\\" not in description


def test_the_log_detail_is_not_sent() -> None:
    error = OAuthError(ErrorCode.INVALID_GRANT, "no", detail="the code was spent")
    assert error.to_body() == {"error": "invalid_grant", "error_description": "no"}
    assert "spent" not in str(error)


def test_each_code_has_the_http_status_of_its_standard() -> None:
    assert OAuthError(ErrorCode.INVALID_REQUEST, "").status == 400
    assert OAuthError(ErrorCode.INVALID_CLIENT, "").status == 401
    assert OAuthError(ErrorCode.INVALID_TOKEN, "").status == 401
    assert OAuthError(ErrorCode.INSUFFICIENT_SCOPE, "").status == 403
    assert OAuthError(ErrorCode.INVALID_REQUEST, "", status=413).status == 413
