"""What a client says about itself for people."""

from typing import Any

import pytest

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_to_metadata, client_to_registration, register_client
from tests.unit.oidc.samples import NOW

INFORMATION = {
    "contacts": ["dev@rp.example", "o'neil+idp@mail.rp.example"],
    "logo_uri": "https://rp.example/logo.png",
    "policy_uri": "https://rp.example/privacy?lang=ja",
    "tos_uri": "https://rp.example/terms",
    "software_id": "4NRB1-0XZABZI9E6-5SM3R",
    "software_version": "2.1-rc1",
}


def register(**changed: Any) -> Client:
    members = {"client_name": "R", "redirect_uris": ["https://rp.example/cb"], **changed}
    return register_client(members, sandbox=False, now=NOW)[0]


def test_all_of_it_is_kept_and_told() -> None:
    metadata = client_to_metadata(register(**INFORMATION))
    assert {name: metadata[name] for name in INFORMATION} == INFORMATION


@pytest.mark.parametrize(
    "changed",
    [
        {"contacts": ["nobody"]},
        {"contacts": ["a@b.example, c@d.example"]},
        {"contacts": ["<script>@rp.example"]},
        {"contacts": ["a@rp.example\r\nBcc: b@rp.example"]},
        {"contacts": "dev@rp.example"},
        {"contacts": ["a@rp.example"] * 21},
        {"logo_uri": "javascript:alert(1)"},
        {"logo_uri": "data:image/png;base64,AA"},
        {"policy_uri": "http://rp.example/"},
        {"tos_uri": "https://rp.example@thief.example/"},
        {"tos_uri": ""},
        {"software_id": "two words"},
        {"software_version": "x" * 129},
    ],
)
def test_what_no_page_could_show_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as refused:
        register(**changed)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


@pytest.mark.parametrize(
    "changed",
    [
        INFORMATION,
        {"scope": "openid offline_access", "require_pkce": False},
        {
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "redirect_uris": ["com.example.app:/cb", "http://127.0.0.1/cb"],
        },
    ],
)
def test_a_registration_can_be_made_again_from_what_is_stored(changed: dict[str, Any]) -> None:
    client = register(**changed)
    again, _ = register_client(client_to_registration(client), sandbox=False, now=NOW, client_id=client.client_id)
    assert again.fingerprint == client.fingerprint
