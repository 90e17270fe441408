"""What a client may register about its requests and their answers."""

from typing import Any

import pytest

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_to_metadata, register_client
from tests.unit.oidc.samples import ISSUER, NOW, REDIRECT_URI, ec_key

JWKS = {"keys": [ec_key().as_dict(private=False)]}


def register(**metadata: Any) -> Client:
    complete = {"client_name": "Relying party", "redirect_uris": [REDIRECT_URI], **metadata}
    return register_client(complete, sandbox=False, now=NOW)[0]


@pytest.mark.parametrize(
    "metadata",
    [
        {"authorization_signed_response_alg": "ES256"},
        {"require_pushed_authorization_requests": True},
        {"request_object_signing_alg": "PS256", "jwks": JWKS},
        {"default_max_age": 0, "default_acr_values": ["aal3", f"{ISSUER}/acr/user-authentication"]},
        {"default_max_age": 86_400, "require_auth_time": True},
        {"initiate_login_uri": "https://rp.example/login?from=idp"},
        {"authorization_details_types": ["https://idp.example/details/x"]},
        {"require_signed_request_object": True, "jwks": JWKS},
        {"request_object_signing_alg": "ES256", "token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS},
    ],
)
def test_what_is_registered_is_kept_and_told_again(metadata: dict[str, Any]) -> None:
    described = client_to_metadata(register(**metadata))
    assert {name: described[name] for name in metadata} == metadata


@pytest.mark.parametrize(
    "metadata",
    [
        {"authorization_signed_response_alg": "none"},
        {"authorization_signed_response_alg": "HS256"},
        {"authorization_signed_response_alg": ["ES256"]},
        {"authorization_encrypted_response_alg": "RSA-OAEP-256"},
        {"require_pushed_authorization_requests": "true"},
        {"request_object_signing_alg": "none", "jwks": JWKS},
        {"request_object_signing_alg": "HS256", "jwks": JWKS},
        {"request_object_signing_alg": "ES256"},
        {"default_max_age": -1},
        {"default_max_age": 1.5},
        {"default_max_age": True},
        {"default_max_age": "300"},
        {"default_max_age": 10**12},
        {"default_acr_values": "aal3"},
        {"default_acr_values": ["aal3 x"]},
        {"default_acr_values": [""]},
        {"require_auth_time": 1},
        {"authorization_details_types": "x"},
        {"authorization_details_types": [""]},
        {"initiate_login_uri": "http://rp.example/login"},
        {"initiate_login_uri": "javascript:alert(1)"},
        {"initiate_login_uri": "https://rp.example/login#x"},
        {"initiate_login_uri": "https://user@rp.example/login"},
        {"initiate_login_uri": "https://rp.example/?iss=https://evil.example"},
        {"require_signed_request_object": True},
        {"require_signed_request_object": False, "jwks": JWKS},
        {"jwks": JWKS},
        {"request_object_signing_alg": "ES256", "jwks": {"keys": []}},
    ],
)
def test_what_would_not_be_kept_is_refused(metadata: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as refused:
        register(**metadata)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
