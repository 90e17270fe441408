"""What a client may register about its requests and their answers."""

from typing import Any

import pytest

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_to_metadata, register_client
from tests.unit.oidc.samples import NOW, REDIRECT_URI


def register(**metadata: Any) -> Client:
    complete = {"client_name": "Relying party", "redirect_uris": [REDIRECT_URI], **metadata}
    return register_client(complete, sandbox=False, now=NOW)[0]


@pytest.mark.parametrize(
    "metadata",
    [{"authorization_signed_response_alg": "ES256"}, {"require_pushed_authorization_requests": True}],
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
    ],
)
def test_what_would_not_be_kept_is_refused(metadata: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as refused:
        register(**metadata)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
