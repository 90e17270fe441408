"""The metadata document, judged by Authlib's validators."""

from typing import Any

from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.oidc.authorization_checks import KNOWN_PROMPTS
from idp.oidc.discovery import MutualTlsMetadata, provider_metadata
from tests.unit.oidc.samples import ISSUER, USER_AUTHENTICATION

POLICY = "https://operator.example/privacy"
METADATA = provider_metadata(ISSUER, is_sandbox=False, op_policy_uri=POLICY)


def test_authlib_finds_it_valid() -> None:
    """F1: OpenID Connect Discovery 1.0 §3; RFC 8414 §2."""
    OpenIDProviderMetadata(METADATA).validate()


def test_r18_only_what_works_is_advertised() -> None:
    """O3, F15: RFC 9700 §2.1.2."""
    assert METADATA["response_types_supported"] == ["code"]
    assert METADATA["response_modes_supported"] == ["query", "form_post", "jwt", "query.jwt", "form_post.jwt"]
    assert METADATA["authorization_signing_alg_values_supported"] == ["ES256", "RS256", "PS256", "EdDSA"]
    assert METADATA["scopes_supported"] == ["openid", "offline_access"]
    assert METADATA["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert METADATA["subject_types_supported"] == ["pairwise", "public"]
    assert METADATA["id_token_signing_alg_values_supported"] == ["ES256", "RS256", "PS256", "EdDSA"]
    for name in ("claims_parameter_supported", "request_uri_parameter_supported", "require_signed_request_object"):
        assert METADATA[name] is False
    assert METADATA["request_parameter_supported"] is True
    for unfinished in ("registration_endpoint",):
        assert unfinished not in METADATA


def test_r5_s256_is_the_only_challenge_method() -> None:
    """RFC 7636 §6.2."""
    assert METADATA["code_challenge_methods_supported"] == ["S256"]


def test_r12_the_issuer_parameter_is_announced() -> None:
    """RFC 9207 §3."""
    assert METADATA["authorization_response_iss_parameter_supported"] is True


def test_no_assertion_may_be_unsigned_or_symmetric() -> None:
    for name in ("token_endpoint_auth_signing_alg_values_supported", "request_object_signing_alg_values_supported"):
        assert set(METADATA[name]) == {"ES256", "PS256", "EdDSA", "RS256"}


def test_introspection_is_announced_for_clients_that_prove_themselves() -> None:
    """RFC 8414 §2, RFC 9701 §7."""
    assert METADATA["introspection_endpoint"] == f"{ISSUER}/introspect"
    assert "none" not in METADATA["introspection_endpoint_auth_methods_supported"]
    assert METADATA["introspection_signing_alg_values_supported"] == METADATA["id_token_signing_alg_values_supported"]


def test_mutual_tls_is_announced_where_a_proxy_tells_of_certificates_and_nowhere_else() -> None:
    """RFC 8705 §3.3, §5."""
    for name in ("tls_client_certificate_bound_access_tokens", "mtls_endpoint_aliases"):
        assert name not in METADATA
    url = "https://mtls.idp.example"

    def announced(url: str, *, has_authorities: bool) -> dict[str, Any]:
        mutual_tls = MutualTlsMetadata(url, has_authorities)
        return provider_metadata(ISSUER, is_sandbox=False, op_policy_uri=POLICY, mutual_tls=mutual_tls)

    told = announced(url, has_authorities=True)
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert told["mtls_endpoint_aliases"] == {
        "token_endpoint": f"{url}/token",
        "userinfo_endpoint": f"{url}/userinfo",
        "revocation_endpoint": f"{url}/revoke",
        "introspection_endpoint": f"{url}/introspect",
        "pushed_authorization_request_endpoint": f"{url}/par",
    }
    assert {"tls_client_auth", "self_signed_tls_client_auth"} < set(told["token_endpoint_auth_methods_supported"])
    without = announced("", has_authorities=False)
    assert "tls_client_auth" not in without["token_endpoint_auth_methods_supported"]
    assert "self_signed_tls_client_auth" in without["introspection_endpoint_auth_methods_supported"]
    assert "mtls_endpoint_aliases" not in without


def test_f12_the_algorithms_of_proofs_are_announced() -> None:
    """RFC 9449 §5.1, F27: no RS256."""
    assert METADATA["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA", "Ed25519"]


def test_encryption_is_advertised_in_strong_asymmetric_algorithms_only() -> None:
    for answer in ("id_token", "userinfo"):
        algorithms = set(METADATA[f"{answer}_encryption_alg_values_supported"])
        assert algorithms == {"ECDH-ES+A256KW", "ECDH-ES+A128KW", "ECDH-ES", "RSA-OAEP-256"}
        encryptions = set(METADATA[f"{answer}_encryption_enc_values_supported"])
        assert encryptions == {"A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"}
    assert METADATA["userinfo_signing_alg_values_supported"] == METADATA["id_token_signing_alg_values_supported"]


def test_prompts_levels_and_languages_are_those_that_work() -> None:
    """Initiating User Registration §4.1."""
    assert set(METADATA["prompt_values_supported"]) == KNOWN_PROMPTS
    assert METADATA["acr_values_supported"] == [USER_AUTHENTICATION, "aal3", USER_AUTHENTICATION + "-unchecked"]
    assert METADATA["ui_locales_supported"] == ["ja", "en"]
    assert METADATA["op_policy_uri"] == POLICY


def test_every_endpoint_is_the_issuers() -> None:
    endpoints = [value for name, value in METADATA.items() if name.endswith("_endpoint") or name == "jwks_uri"]
    assert len(endpoints) == 8
    assert all(value.startswith(f"{ISSUER}/") for value in endpoints)


def test_f16_pushed_requests_are_announced_and_required_where_the_operator_says_so() -> None:
    """RFC 9126 §5."""
    assert METADATA["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert METADATA["require_pushed_authorization_requests"] is False
    strict = provider_metadata(
        ISSUER, is_sandbox=False, op_policy_uri=POLICY, require_pushed_authorization_requests=True
    )
    assert strict["require_pushed_authorization_requests"] is True


def test_logouts_are_announced() -> None:
    """RP-Initiated Logout §2.1, Back-Channel Logout §2.1, Front-Channel Logout §3."""
    assert METADATA["end_session_endpoint"] == f"{ISSUER}/end-session"
    assert METADATA["backchannel_logout_supported"] is METADATA["backchannel_logout_session_supported"] is True
    assert METADATA["frontchannel_logout_supported"] is METADATA["frontchannel_logout_session_supported"] is True
    assert "sid" in METADATA["claims_supported"]


def test_types_of_details_are_announced_where_there_are_any() -> None:
    """RFC 9396 §10."""
    assert "authorization_details_types_supported" not in METADATA
    declared = provider_metadata(ISSUER, is_sandbox=False, op_policy_uri=POLICY, authorization_details_types=("x",))
    assert declared["authorization_details_types_supported"] == ["x"]


def test_a_sandbox_says_so() -> None:
    assert "sandbox" not in METADATA
    assert provider_metadata(ISSUER, is_sandbox=True, op_policy_uri=POLICY)["sandbox"] is True


def test_what_may_be_encrypted_to_a_client_is_announced_for_each_answer() -> None:
    """OIDC Discovery §3; JARM §4; RFC 9701 §7: nothing with RSA1_5, nothing symmetric."""
    for answer in ("id_token", "userinfo", "authorization", "introspection"):
        algorithms = METADATA[f"{answer}_encryption_alg_values_supported"]
        assert algorithms == ["ECDH-ES+A256KW", "ECDH-ES+A128KW", "ECDH-ES", "RSA-OAEP-256"]
        assert "A128CBC-HS256" in METADATA[f"{answer}_encryption_enc_values_supported"]
