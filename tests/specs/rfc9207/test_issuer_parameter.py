"""RFC 9207 §2: the issuer is in every authorization response, of success and of error (R12, F21)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import check_registrable_redirect_uri, verify_redirect_uri
from idp.oidc.response_mode import deliver_response
from tests.unit.oidc.samples import ISSUER, NOW, REDIRECT_URI, RealSigner, make_client


@pytest.mark.parametrize("issuer", [ISSUER, "http://localhost:8000"])
def test_success_and_error_name_the_issuer_exactly(issuer: str) -> None:
    redirect = verify_redirect_uri(make_client(), REDIRECT_URI, "s")
    error = OAuthError(ErrorCode.ACCESS_DENIED, "no")
    for response in (redirect.success("c", issuer), redirect.error(error, issuer)):
        location = deliver_response(response, RealSigner(), NOW)
        assert isinstance(location, str)
        assert parse_qs(urlsplit(location).query)["iss"] == [issuer]


def test_a_registered_query_cannot_bring_an_issuer_of_its_own() -> None:
    with pytest.raises(OAuthError) as refused:
        check_registrable_redirect_uri(REDIRECT_URI + "?iss=https://evil.example", sandbox=False)
    assert refused.value.code is ErrorCode.INVALID_REDIRECT_URI
