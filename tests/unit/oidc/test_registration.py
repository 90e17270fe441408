"""From a relying party's metadata to a client, or a refusal that names the member."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import hash_secret, is_identifier
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import client_fingerprint, client_to_metadata, register_client
from idp.oidc.sector_document import OperatorVouches
from tests.unit.oidc.samples import NOW, ec_key

JWKS = {"keys": [ec_key().as_dict(private=False)]}
NATIVE = {"application_type": "native", "token_endpoint_auth_method": "none", "redirect_uris": ["com.example.app:/cb"]}


def metadata_with(**changed: Any) -> dict[str, Any]:
    members = {"client_name": "市民サービス", "redirect_uris": ["https://rp.example/cb"], **changed}
    return {name: value for name, value in members.items() if value is not ...}


def register(sandbox: bool = False, **changed: Any) -> tuple[Client, str | None]:
    return register_client(metadata_with(**changed), sandbox=sandbox, now=NOW, sectors=OperatorVouches())


def refusal(**changed: Any) -> ErrorCode:
    with pytest.raises(OAuthError) as refused:
        register(**changed)
    return refused.value.code


def test_the_least_metadata_makes_a_confidential_client() -> None:
    """F29."""
    client, secret = register()
    assert secret is not None
    assert is_identifier(secret)
    assert is_identifier(client.client_id)
    assert client.secret_hash == hash_secret(secret)
    assert client.token_endpoint_auth_method == "client_secret_basic"
    assert client.id_token_signed_response_alg == "ES256"
    assert client.grant_types == ("authorization_code",)
    assert client.scope == ("openid",)
    assert client.sector == "rp.example"
    assert client.require_pkce
    assert not client.is_reviewed
    assert client.fingerprint == client_fingerprint(client)


def test_no_two_clients_have_one_secret() -> None:
    """F29."""
    assert len({register()[1] for _ in range(10)}) == 10


def test_a_client_with_keys_or_without_a_secret_gets_none() -> None:
    client, secret = register(token_endpoint_auth_method="private_key_jwt", jwks=JWKS)
    assert (secret, client.secret_hash, client.jwks) == (None, None, JWKS)
    client, secret = register(**NATIVE)
    assert (secret, client.secret_hash, client.is_public) == (None, None, True)
    assert client.sector == f"client:{client.client_id}"


def test_every_choice_is_kept() -> None:
    """OIDC Registration §2; RFC 7591 §2."""
    client, _ = register(
        token_endpoint_auth_method="client_secret_post",
        id_token_signed_response_alg="RS256",
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        subject_type="pairwise",
        sector_identifier_uri="https://group.example/sector.json",
        client_uri="https://rp.example",
        post_logout_redirect_uris=["https://rp.example/bye"],
        require_pkce=False,
    )
    assert client.token_endpoint_auth_method == "client_secret_post"
    assert client.id_token_signed_response_alg == "RS256"
    assert client.scope == ("openid", "offline_access")
    assert client.sector == "group.example"
    assert client.client_uri == "https://rp.example"
    assert client.post_logout_redirect_uris == ("https://rp.example/bye",)
    assert not client.require_pkce


@pytest.mark.parametrize(
    "changed",
    [
        {"client_name": ...},
        {"client_name": ""},
        {"client_name": " name"},
        {"client_name": "x" * 65},
        {"client_name": "name\u202eeman"},
        {"client_name": "name\u200b"},
        {"client_name": "two\nlines"},
        {"client_name": "two\u2028lines"},
        {"client_name": "か\u3099"},
        {"client_name": 1},
        {"redirect_uris": ...},
        {"redirect_uris": []},
        {"redirect_uris": "https://rp.example/cb"},
        {"redirect_uris": [1]},
        {"redirect_uris": ["https://rp.example/cb"] * 2},
        {"redirect_uris": [f"https://rp.example/{n}" for n in range(21)]},
        {"redirect_uris": ["https://a.example/", "https://b.example/"]},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [ec_key().as_dict(private=True)]}},
        {"jwks": JWKS},
        {"jwks_uri": "https://rp.example/jwks"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"subject_type": "ephemeral"},
        {"response_types": ["token"]},
        {"response_types": ["code", "code id_token"]},
        {"grant_types": ["password"]},
        {"grant_types": ["authorization_code", "implicit"]},
        {"grant_types": ["refresh_token"]},
        {"scope": "openid address"},
        {"scope": "offline_access"},
        {"application_type": "service"},
        {"application_type": "native"},
        {"token_endpoint_auth_method": "none", "require_pkce": False},
        {"require_pkce": "false"},
        {"client_uri": "http://rp.example"},
        {"client_uri": "javascript:alert(1)"},
        {"post_logout_redirect_uris": ["http://rp.example"]},
        {"sector_identifier_uri": "http://rp.example"},
        {"software_statement": "x"},
        {"client_secret": "mine"},
    ],
)
def test_what_is_not_supported_is_refused(changed: dict[str, Any]) -> None:
    """OIDC Registration §2."""
    assert refusal(**changed) is ErrorCode.INVALID_CLIENT_METADATA


@pytest.mark.parametrize(
    "uri", ["http://rp.example/cb", "http://localhost/cb", "com.example.app:/cb", "https://rp.example#x"]
)
def test_a_bad_redirect_uri_has_its_own_code(uri: str) -> None:
    """R2: RFC 7591 §3.2.2."""
    assert refusal(redirect_uris=[uri]) is ErrorCode.INVALID_REDIRECT_URI


def test_r2_loopback_http_is_for_native_clients_and_the_sandbox() -> None:
    loopback = ["http://127.0.0.1/cb"]
    assert register(**{**NATIVE, "redirect_uris": loopback})[0].redirect_uris == tuple(loopback)
    assert register(sandbox=True, redirect_uris=["http://localhost:5000/cb"])[0].secret_hash


def test_the_operator_may_choose_the_client_id_and_review_the_name() -> None:
    client, _ = register_client(metadata_with(), sandbox=False, now=NOW, client_id="demo-1.a_b", is_reviewed=True)
    assert client.client_id == "demo-1.a_b"
    assert client.is_reviewed


def test_offline_access_brings_the_grant_type_it_needs() -> None:
    client, _ = register(scope="openid offline_access")
    assert client.grant_types == ("authorization_code", "refresh_token")
    assert client.scope == ("openid", "offline_access")


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"scope": "openid offline_access", "grant_types": ["authorization_code"]}, "needs refresh_token"),
        ({"scope": "openid profile"}, "scope profile is about the person: it needs linkage"),
        ({"scope": "openid phone"}, "scope phone is not one that this provider knows: openid offline_access"),
        ({"grant_types": ["refresh_token"]}, "must contain authorization_code"),
    ],
)
def test_a_refused_scope_is_named_with_what_it_needs(changed: dict[str, Any], hint: str) -> None:
    with pytest.raises(OAuthError) as refused:
        register(**changed)
    assert hint in refused.value.description


def test_a_scope_may_be_chosen() -> None:
    client, _ = register(scope="openid offline_access openid", grant_types=["authorization_code", "refresh_token"])
    assert client.scope == ("openid", "offline_access")


@pytest.mark.parametrize("client_id", [" ", "a b", "a:b", "é", "x" * 65, "a\n", "-a"])
def test_a_chosen_client_id_is_plain(client_id: str) -> None:
    with pytest.raises(OAuthError) as refused:
        register_client(metadata_with(), sandbox=False, now=NOW, client_id=client_id)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


def test_metadata_can_be_shown_without_anything_secret() -> None:
    """OIDC Registration §3.2."""
    client, secret = register(post_logout_redirect_uris=["https://rp.example/bye"], client_uri="https://rp.example")
    shown = client_to_metadata(client)
    assert shown["client_id"] == client.client_id
    assert shown["client_name"] == "市民サービス"
    assert shown["redirect_uris"] == ["https://rp.example/cb"]
    assert secret not in repr(shown)
    assert client.secret_hash not in shown.values()
    with_keys, _ = register(token_endpoint_auth_method="private_key_jwt", jwks=JWKS)
    assert client_to_metadata(with_keys)["jwks"] == JWKS


@pytest.mark.parametrize(
    "changed",
    [
        {"client_name": "other"},
        {"redirect_uris": ("https://rp.example/other",)},
        {"sector": "other"},
        {"is_reviewed": True},
        {"require_pkce": False},
        {"jwks": JWKS},
    ],
)
def test_a_changed_client_has_another_fingerprint(changed: dict[str, Any]) -> None:
    client, _ = register()
    assert client_fingerprint(replace(client, **changed)) != client.fingerprint


def test_a_rotated_secret_leaves_the_fingerprint() -> None:
    client, _ = register()
    assert client_fingerprint(replace(client, secret_hash=bytes(32))) == client.fingerprint


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "client_name",
        "client_uri",
        "redirect_uris",
        "grant_types",
        "response_types",
        "scope",
        "jwks",
        "subject_type",
        "sector_identifier_uri",
        "token_endpoint_auth_method",
        "id_token_signed_response_alg",
        "application_type",
        "unknown",
    ]
)


@given(st.dictionaries(NAMES, JSON_VALUES, max_size=4))
def test_no_metadata_gets_another_exception_out(changed: dict[str, Any]) -> None:
    try:
        register(**changed)
    except OAuthError as error:
        assert error.code in (ErrorCode.INVALID_CLIENT_METADATA, ErrorCode.INVALID_REDIRECT_URI)
