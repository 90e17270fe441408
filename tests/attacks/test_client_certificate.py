"""The client-certificate header: believed from a trusted proxy, from nobody else (R25, RFC 9440 §4)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.settings.problem import SettingsError
from tests.support.client_tls import make_certificate, to_byte_sequence, to_escaped_pem, to_jwks
from tests.support.dpop_key import DPoPKey
from tests.support.provider import ISSUER, Provider, make_provider
from tests.support.relying_party import RelyingParty

PROXY, STRANGER = "192.0.2.1", "192.0.2.99"
OWN, THIEF = make_certificate("self"), make_certificate("thief")
AUTHORITY = make_certificate("authority", is_authority=True, usage=None)
ISSUED = make_certificate("rp", issuer="authority")
BEHIND_PROXY = {
    "IDP_WEB__TRUSTED_PROXIES": f'["{PROXY}/32"]',
    "IDP_WEB__CLIENT_CERTIFICATE_HEADER": "Client-Cert",
    "IDP_WEB__MTLS_URL": "https://mtls.idp.example",
}


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Provider]:
    anchors = tmp_path / "authorities.pem"
    anchors.write_bytes(AUTHORITY.public_bytes(Encoding.PEM))
    provider = make_provider(tmp_path, **BEHIND_PROXY, IDP_OIDC__TLS_CLIENT_AUTH_ANCHORS=f'["{anchors}"]')
    yield provider
    provider.close()


@pytest.fixture
def party(proxied: Provider) -> RelyingParty:
    return proxied.relying_party(
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks=to_jwks(OWN),
        tls_client_certificate_bound_access_tokens=True,
    )


def call(
    provider: Provider, method: str, path: str, certificate: str | None, peer: str = PROXY, **changed: Any
) -> TestResponse:
    headers = dict(changed.pop("headers", {}))
    if certificate is not None:
        headers["Client-Cert"] = certificate
    http = HttpClient(provider.app, use_cookies=False)
    return http.open(
        path, method=method, base_url=ISSUER, headers=headers, environ_overrides={"REMOTE_ADDR": peer}, **changed
    )


def redeem(
    provider: Provider, party: RelyingParty, certificate: str | None, peer: str = PROXY, proof: str | None = None
) -> TestResponse:
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    form = {
        "grant_type": "authorization_code",
        "client_id": party.client.client_id,
        "code": party.code(browser.agree()),
        "redirect_uri": party.client.redirect_uris[0],
        "code_verifier": party.code_verifier,
    }
    headers = {} if proof is None else {"DPoP": proof}
    return call(provider, "POST", "/token", certificate, peer, data=form, headers=headers)


def userinfo(provider: Provider, token: str, certificate: str | None, peer: str = PROXY) -> TestResponse:
    return call(provider, "GET", "/userinfo", certificate, peer, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("write", [to_byte_sequence, to_escaped_pem])
def test_a_client_proves_itself_by_the_certificate_that_the_proxy_hands_over(
    proxied: Provider, party: RelyingParty, write: Any
) -> None:
    answer = redeem(proxied, party, write(OWN))
    assert answer.status_code == 200, answer.get_data()
    assert userinfo(proxied, answer.get_json()["access_token"], write(OWN)).status_code == 200


def test_a_certificate_of_a_configured_authority_is_enough(proxied: Provider) -> None:
    party = proxied.relying_party(
        token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn="CN=rp,O=Example City"
    )
    assert redeem(proxied, party, to_byte_sequence(ISSUED)).status_code == 200
    assert redeem(proxied, party, to_byte_sequence(OWN)).get_json()["error"] == "invalid_client"


def test_r25_a_header_from_outside_is_not_believed(proxied: Provider, party: RelyingParty) -> None:
    """Who reaches the provider past its proxy has proven no key to anybody."""
    for peer in (STRANGER, "127.0.0.1", "", "::1"):
        refused = redeem(proxied, party, to_byte_sequence(OWN), peer)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    token = redeem(proxied, party, to_byte_sequence(OWN)).get_json()["access_token"]
    assert userinfo(proxied, token, to_byte_sequence(OWN), STRANGER).status_code == 401


def test_r25_being_forwarded_for_a_proxy_makes_nobody_the_proxy(proxied: Provider, party: RelyingParty) -> None:
    token = redeem(proxied, party, to_byte_sequence(OWN)).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": PROXY}
    answer = call(proxied, "GET", "/userinfo", to_byte_sequence(OWN), STRANGER, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "name", ["X-Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "Client-Cert-Chain", "SSL-Client-Cert"]
)
def test_no_other_header_carries_a_certificate(proxied: Provider, party: RelyingParty, name: str) -> None:
    token = redeem(proxied, party, to_byte_sequence(OWN)).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", name: to_byte_sequence(OWN)}
    assert call(proxied, "GET", "/userinfo", None, headers=headers).status_code == 401


def test_a_header_to_which_a_forged_one_was_added_is_refused(proxied: Provider, party: RelyingParty) -> None:
    """A proxy that adds instead of replacing leaves two, and servers join them."""
    own, thief = to_byte_sequence(OWN), to_byte_sequence(THIEF)
    for joined in (f"{own},{thief}", f"{thief}, {own}", f"{own}{thief}"):
        assert redeem(proxied, party, joined).get_json()["error"] == "invalid_client"


def test_a_stolen_token_is_worth_nothing_on_another_connection(proxied: Provider, party: RelyingParty) -> None:
    token = redeem(proxied, party, to_byte_sequence(OWN)).get_json()["access_token"]
    for certificate in (None, to_byte_sequence(THIEF), "junk"):
        refused = userinfo(proxied, token, certificate)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_token")
    assert userinfo(proxied, token, to_byte_sequence(OWN)).status_code == 200


def test_without_the_setting_no_certificate_is_believed_even_from_the_proxy(tmp_path: Path) -> None:
    provider = make_provider(tmp_path, IDP_WEB__TRUSTED_PROXIES=f'["{PROXY}/32"]')
    try:
        party = provider.relying_party(token_endpoint_auth_method="self_signed_tls_client_auth", jwks=to_jwks(OWN))
        assert redeem(provider, party, to_byte_sequence(OWN)).get_json()["error"] == "invalid_client"
        metadata = call(provider, "GET", "/.well-known/openid-configuration", None).get_json()
        assert "mtls_endpoint_aliases" not in metadata
        assert "self_signed_tls_client_auth" not in metadata["token_endpoint_auth_methods_supported"]
    finally:
        provider.close()


def test_revocation_and_introspection_take_the_certificate_too(proxied: Provider, party: RelyingParty) -> None:
    token = redeem(proxied, party, to_byte_sequence(OWN)).get_json()["access_token"]
    form = {"client_id": party.client.client_id, "token": token}
    assert call(proxied, "POST", "/introspect", None, data=form).status_code == 401
    told = call(proxied, "POST", "/introspect", to_byte_sequence(OWN), data=form).get_json()
    assert set(told["cnf"]) == {"x5t#S256"}
    assert call(proxied, "POST", "/revoke", None, data=form).status_code == 401
    assert call(proxied, "POST", "/revoke", to_byte_sequence(OWN), data=form).status_code == 200
    assert call(proxied, "POST", "/introspect", to_byte_sequence(OWN), data=form).get_json() == {"active": False}


def test_the_address_for_certificates_is_announced(proxied: Provider) -> None:
    metadata = call(proxied, "GET", "/.well-known/openid-configuration", None).get_json()
    assert metadata["mtls_endpoint_aliases"]["token_endpoint"] == "https://mtls.idp.example/token"


def test_a_proof_names_the_address_for_certificates_where_the_client_came_to_it(
    proxied: Provider, party: RelyingParty
) -> None:
    """RFC 8705 §5 with RFC 9449 §4.3 (9)."""
    key = DPoPKey()
    for url, status in (("https://mtls.idp.example/token", 200), ("https://evil.example/token", 400)):
        proof = key.proof("POST", url, proxied.clock())
        assert redeem(proxied, party, to_byte_sequence(OWN), proof=proof).status_code == status


@pytest.mark.parametrize("content", [b"", b"junk", None])
def test_authorities_that_cannot_be_read_stop_the_start(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "broken.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError):
        make_provider(tmp_path, **BEHIND_PROXY, IDP_OIDC__TLS_CLIENT_AUTH_ANCHORS=f'["{file}"]')


def test_f16_a_request_is_pushed_by_whoever_holds_the_registered_certificate(
    proxied: Provider, party: RelyingParty
) -> None:
    """RFC 8705 §2 at RFC 9126's endpoint."""
    form = party.request()
    assert call(proxied, "POST", "/par", to_byte_sequence(OWN), data=form).status_code == 201
    for certificate, peer in ((None, PROXY), (to_byte_sequence(THIEF), PROXY), (to_byte_sequence(OWN), STRANGER)):
        refused = call(proxied, "POST", "/par", certificate, peer, data=form)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
