"""RFC 6749 §4.1.2.1 and §5.2: errors as they go out, on both ways."""

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.oidc.authorization_request import identify, parse_authorization_request
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.response_mode import deliver_response
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, REDIRECT_URI, RealSigner, authorization_parameters, make_client
from tests.unit.oidc.token_world import TokenWorld, refusal_of


def test_a_redirected_error_carries_error_description_state_and_issuer() -> None:
    parameters = authorization_parameters(response_type="token", state="x y&z")
    client, redirect = identify(parameters, MemoryClients(make_client()))
    with pytest.raises(AuthorizationRefused) as refused:
        parse_authorization_request(parameters, client, redirect, id_token_hints=RealSigner())
    location = deliver_response(refused.value.to.error(refused.value.error, ISSUER), RealSigner(), NOW)
    assert isinstance(location, str)
    assert location.startswith(REDIRECT_URI + "?")
    answer = parse_qs(urlsplit(location).query, strict_parsing=True)
    assert answer == {
        "error": ["unsupported_response_type"],
        "error_description": [refused.value.error.description],
        "state": ["x y&z"],
        "iss": [ISSUER],
    }


def test_a_refusal_cannot_be_made_without_a_target() -> None:
    """R3."""
    with pytest.raises(TypeError):
        AuthorizationRefused(OAuthError(ErrorCode.SERVER_ERROR, ""))  # type: ignore[call-arg]  # that is the point


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"code": None}, "invalid_request", 400),
        ({"code": "x"}, "invalid_grant", 400),
        ({"redirect_uri": "https://rp.example/other"}, "invalid_grant", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"client_id": "other"}, "invalid_client", 401),
    ],
)
def test_each_fault_of_a_token_request_has_its_code_and_status(
    changed: dict[str, str | None], code: str, status: int
) -> None:
    error = refusal_of(lambda: TokenWorld().redeem(**changed))
    assert (error.to_body()["error"], error.status) == (code, status)


def test_a_failed_client_authentication_is_challenged() -> None:
    """RFC 6749 §5.2: 401, and a WWW-Authenticate that matches the scheme used."""
    error = refusal_of(lambda: TokenWorld().redeem("Basic cnA6d3Jvbmc="))
    assert error.status == 401
    assert error.authenticate is not None
    assert error.authenticate.startswith("Basic realm=")


def test_unrecognized_parameters_are_ignored() -> None:
    """RFC 6749 §3.2."""
    assert TokenWorld().redeem(audience="https://api.example", unknown="x")["access_token"]
