"""From parameters nobody vouches for to a request that can be acted on."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.authorization_request import AuthorizationRequest, identify, parse_authorization_request
from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.parameters import Parameters, parse_parameters
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import (
    CODE_CHALLENGE,
    ISSUER,
    REDIRECT_URI,
    RealSigner,
    authorization_parameters,
    encode,
    make_client,
)

SIGNER = RealSigner()


def accept(parameters: Parameters, client: Client | None = None) -> AuthorizationRequest:
    identified, redirect = identify(parameters, MemoryClients(client or make_client()))
    return parse_authorization_request(parameters, identified, redirect, id_token_hints=SIGNER)


def page_error(parameters: Parameters) -> ErrorCode:
    with pytest.raises(OAuthError) as refused:
        identify(parameters, MemoryClients(make_client()))
    return refused.value.code


def redirected_error(parameters: Parameters, client: Client | None = None) -> ErrorCode:
    with pytest.raises(AuthorizationRefused) as refused:
        accept(parameters, client)
    assert refused.value.to.redirect_uri == REDIRECT_URI
    return refused.value.error.code


def test_a_whole_request_is_understood() -> None:
    """RFC 6749 §4.1, §4.1.1."""
    request = accept(
        authorization_parameters(
            scope="openid profile offline_access",
            prompt="login consent",
            max_age="3600",
            login_hint="someone",
            ui_locales="ja en-GB !bad",
            acr_values="aal3 urn:other",
            display="popup",
            claims='{"id_token":{"auth_time":null}}',
            response_mode="query",
            unknown="ignored",
        )
    )
    assert request.client_id == "rp"
    assert request.redirect_uri == REDIRECT_URI
    assert request.scope == ("openid", "offline_access")
    assert request.state == "af0ifjsldkj"
    assert request.nonce == "n-0S6_WzA2Mj"
    assert request.code_challenge == CODE_CHALLENGE
    assert request.prompt == {"login", "consent"}
    assert request.max_age_seconds == 3600
    assert request.login_hint == "someone"
    assert request.ui_locales == ("ja", "en-GB")
    assert request.acr_values == ("aal3", "urn:other")
    assert request.id_token_hint_sub is None
    assert len(request.request_hash) == 32


def test_a_request_survives_the_transient_store() -> None:
    request = accept(authorization_parameters(prompt="consent", max_age="0", acr_values="aal3"))
    assert AuthorizationRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_r3_a_doubled_client_redirect_uri_or_state_is_a_page(name: str) -> None:
    """Where two values are given, no answer may go to either (RFC 6749 §4.1.2.1)."""
    assert page_error(authorization_parameters((name, "x"))) is ErrorCode.INVALID_REQUEST


def test_r3_an_unknown_client_or_redirect_uri_is_a_page() -> None:
    assert page_error(authorization_parameters(client_id=None)) is ErrorCode.INVALID_REQUEST
    assert page_error(authorization_parameters(client_id="other")) is ErrorCode.UNAUTHORIZED_CLIENT
    assert page_error(authorization_parameters(redirect_uri=None)) is ErrorCode.INVALID_REQUEST
    assert page_error(authorization_parameters(redirect_uri="https://evil.example/")) is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("name", ["scope", "nonce", "code_challenge", "prompt", "something"])
def test_any_other_doubled_parameter_goes_back_as_invalid_request(name: str) -> None:
    parameters = authorization_parameters((name, "x"), **{name: "y"})
    assert redirected_error(parameters) is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"response_type": None}, ErrorCode.INVALID_REQUEST),
        ({"response_type": "token"}, ErrorCode.UNSUPPORTED_RESPONSE_TYPE),
        ({"response_type": "id_token"}, ErrorCode.UNSUPPORTED_RESPONSE_TYPE),
        ({"response_type": "code id_token"}, ErrorCode.UNSUPPORTED_RESPONSE_TYPE),
        ({"response_mode": "fragment"}, ErrorCode.INVALID_REQUEST),
        ({"response_mode": "fragment.jwt"}, ErrorCode.INVALID_REQUEST),
        ({"request_uri": "https://rp.example/r"}, ErrorCode.REQUEST_URI_NOT_SUPPORTED),
        ({"registration": "{}"}, ErrorCode.REGISTRATION_NOT_SUPPORTED),
        ({"scope": None}, ErrorCode.INVALID_SCOPE),
        ({"scope": "profile"}, ErrorCode.INVALID_SCOPE),
        ({"scope": "OPENID"}, ErrorCode.INVALID_SCOPE),
        ({"scope": "openid  profile"}, ErrorCode.INVALID_SCOPE),
        ({"scope": "openid\tprofile"}, ErrorCode.INVALID_SCOPE),
        ({"scope": 'openid "'}, ErrorCode.INVALID_SCOPE),
        ({"scope": "openid é"}, ErrorCode.INVALID_SCOPE),
        ({"code_challenge": None, "code_challenge_method": None}, ErrorCode.INVALID_REQUEST),
        ({"code_challenge_method": None}, ErrorCode.INVALID_REQUEST),
        ({"code_challenge_method": "plain"}, ErrorCode.INVALID_REQUEST),
        ({"prompt": "none login"}, ErrorCode.INVALID_REQUEST),
        ({"prompt": "bogus"}, ErrorCode.INVALID_REQUEST),
        ({"prompt": "create"}, ErrorCode.INVALID_REQUEST),
        ({"max_age": "-1"}, ErrorCode.INVALID_REQUEST),
        ({"max_age": "1.5"}, ErrorCode.INVALID_REQUEST),
        ({"max_age": "soon"}, ErrorCode.INVALID_REQUEST),
        ({"max_age": "٣"}, ErrorCode.INVALID_REQUEST),
        ({"max_age": "99999999999"}, ErrorCode.INVALID_REQUEST),
        ({"claims": "not json"}, ErrorCode.INVALID_REQUEST),
        ({"claims": "[]"}, ErrorCode.INVALID_REQUEST),
        ({"claims": "[" * 4000}, ErrorCode.INVALID_REQUEST),
        ({"id_token_hint": "not.a.token"}, ErrorCode.INVALID_REQUEST),
    ],
)
def test_a_fault_goes_back_to_the_client_with_its_code(changed: dict[str, Any], code: ErrorCode) -> None:
    assert redirected_error(authorization_parameters(**changed)) is code


def test_a_client_without_the_code_grant_is_unauthorized() -> None:
    client = make_client(grant_types=("refresh_token",))
    assert redirected_error(authorization_parameters(), client) is ErrorCode.UNAUTHORIZED_CLIENT


def test_o1_only_a_confidential_client_registered_so_may_leave_pkce_out() -> None:
    """RFC 9700 §2.1.1."""
    without = authorization_parameters(code_challenge=None, code_challenge_method=None)
    assert accept(without, make_client(require_pkce=False)).code_challenge is None
    public = make_client(require_pkce=False, token_endpoint_auth_method="none")
    assert redirected_error(without, public) is ErrorCode.INVALID_REQUEST


def test_scopes_that_cannot_be_released_are_dropped() -> None:
    """RFC 6749 §3.3."""
    request = accept(authorization_parameters(scope="openid name address birthdate gender profile email"))
    assert request.scope == ("openid",)


@pytest.mark.parametrize("changed", [{"grant_types": ("authorization_code",)}, {"scope": ("openid",)}])
def test_offline_access_is_dropped_for_a_client_that_may_not_refresh(changed: dict[str, Any]) -> None:
    """OIDC Core §11."""
    request = accept(authorization_parameters(scope="openid offline_access"), make_client(**changed))
    assert request.scope == ("openid",)


def test_what_a_client_registered_holds_where_its_request_says_nothing() -> None:
    """OIDC Registration §2: default_max_age, default_acr_values."""
    client = make_client(options=ClientOptions(default_max_age=60, default_acr_values=("aal3", "x")))
    by_default = accept(authorization_parameters(), client)
    assert (by_default.max_age_seconds, by_default.acr_values) == (60, ("aal3", "x"))
    asked = accept(authorization_parameters(max_age="0", acr_values="y"), client)
    assert (asked.max_age_seconds, asked.acr_values) == (0, ("y",))


@pytest.mark.parametrize("changed", [{"display": "popup"}, {"display": "x"}, {"claims_locales": "ja en"}])
def test_what_changes_nothing_here_is_no_error(changed: dict[str, str | None]) -> None:
    """OIDC Core §3.1.2.1: pages suit every display, and what is on the card has one spelling."""
    with_it, without = accept(authorization_parameters(**changed)), accept(authorization_parameters())
    assert replace(with_it, request_hash=b"") == replace(without, request_hash=b"")


def test_max_age_zero_is_not_the_same_as_none() -> None:
    assert accept(authorization_parameters(max_age="0")).max_age_seconds == 0
    assert accept(authorization_parameters()).max_age_seconds is None


def test_state_and_nonce_are_optional() -> None:
    request = accept(authorization_parameters(state=None, nonce=None))
    assert request.state is None
    assert request.nonce is None


def test_an_id_token_hint_of_ours_names_its_subject() -> None:
    hint = SIGNER.sign({"iss": ISSUER, "aud": "rp", "sub": "subject-1", "exp": 1}, "ES256")
    assert accept(authorization_parameters(id_token_hint=hint)).id_token_hint_sub == "subject-1"


def test_an_id_token_hint_for_another_client_is_refused() -> None:
    hint = SIGNER.sign({"iss": ISSUER, "aud": "other", "sub": "subject-1"}, "RS256")
    assert redirected_error(authorization_parameters(id_token_hint=hint)) is ErrorCode.INVALID_REQUEST


@given(
    st.dictionaries(
        st.sampled_from(["scope", "prompt", "max_age", "claims", "id_token_hint", "acr_values", "ui_locales", "nonce"]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40),
    )
)
def test_no_request_gets_another_exception_out(changed: dict[str, str]) -> None:
    try:
        accept(authorization_parameters(**changed))
    except AuthorizationRefused as refused:
        assert refused.to.redirect_uri == REDIRECT_URI


@given(st.text(max_size=200))
def test_no_query_is_redirected_anywhere_unproven(query: str) -> None:
    """R3: RFC 9700 §4.11."""
    try:
        accept(parse_parameters(query))
    except OAuthError:
        return
    pytest.fail("accepted")


def test_empty_request_is_a_page() -> None:
    assert page_error(encode()) is ErrorCode.INVALID_REQUEST
