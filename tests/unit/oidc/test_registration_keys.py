"""``jwks_uri`` at registration."""

from typing import Any

import pytest

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_to_metadata, register_client
from tests.unit.oidc.samples import NOW, ec_key

URI = "https://rp.example/jwks"


def register(**changed: Any) -> Client:
    members = {"client_name": "R", "redirect_uris": ["https://rp.example/cb"], **changed}
    return register_client(members, sandbox=False, now=NOW)[0]


def test_r17_keys_may_be_published_in_place_of_registered() -> None:
    client = register(token_endpoint_auth_method="private_key_jwt", jwks_uri=URI)
    assert (client.options.jwks_uri, client.jwks, client.secret_hash) == (URI, None, None)
    assert client_to_metadata(client)["jwks_uri"] == URI


@pytest.mark.parametrize(
    "changed",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks_uri": URI},
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": URI,
            "jwks": {"keys": [ec_key().as_dict(private=False)]},
        },
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://rp.example/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://127.0.0.1/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": ""},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": [URI]},
    ],
)
def test_neither_both_and_addresses_that_are_not_called_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as refused:
        register(**changed)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
