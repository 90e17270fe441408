"""The metadata document by which clients configure themselves; it advertises what works and nothing else.

Implements OpenID Connect Discovery 1.0 §3, RFC 8414 §2, RFC 9207 §3, RFC 7636 §6.2, JARM §4, RFC 9126 §5,
RFC 8705 §3.3 and §5, RFC 9449 §5.1, RFC 9701 §7, RFC 9101 §10.5.
"""

from dataclasses import dataclass
from typing import Any, Final

from idp.assurance.claims_policy import ClaimsPolicy, supported_claims
from idp.assurance.metadata import identity_assurance_metadata
from idp.keys.jwe_algorithms import CONTENT_ENCRYPTION, ENCRYPTION_ALGORITHMS
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.oidc.acr import supported_acr_values
from idp.oidc.authorization_request import grantable_scopes
from idp.oidc.claims_request import VERIFIED_CLAIMS
from idp.oidc.claims_wanted import TXN
from idp.oidc.client_assertion import SIGNING_ALGORITHMS as ASSERTION_ALGORITHMS
from idp.oidc.dpop_key import PROOF_ALGORITHMS
from idp.oidc.encrypted_answer import RESPONSE_ALGORITHMS, RESPONSE_ENCRYPTIONS
from idp.oidc.end_session import END_SESSION_PATH
from idp.oidc.response_mode import RESPONSE_MODES
from idp.oidc.subject import SUBJECT_TYPES

AUTHORIZATION_PATH: Final = "/authorize"
TOKEN_PATH: Final = "/token"
USERINFO_PATH: Final = "/userinfo"
REVOCATION_PATH: Final = "/revoke"
PUSHED_REQUEST_PATH: Final = "/par"
INTROSPECTION_PATH: Final = "/introspect"
JWKS_PATH: Final = "/jwks"

AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
# RFC 7662 §2.1: whoever asks about tokens has proven itself.
INTROSPECTION_AUTH_METHODS: Final = tuple(method for method in AUTH_METHODS if method != "none")
GRANT_TYPES: Final = ("authorization_code", "refresh_token")
TLS_METHODS: Final = ("tls_client_auth", "self_signed_tls_client_auth")
# Those of which a client proves itself, or a token's sender; RFC 8705 §5.
_MTLS_ENDPOINTS: Final = (
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
)
PROMPTS: Final = ("none", "login", "consent", "select_account")
_CLAIMS: Final = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")


@dataclass(frozen=True, slots=True)
class MutualTlsMetadata:
    """``url`` is where the proxy asks for client certificates, empty if everywhere; ``has_authorities`` says that some
    are believed to issue them."""

    url: str
    has_authorities: bool


def provider_metadata(
    issuer: str,
    *,
    is_sandbox: bool,
    op_policy_uri: str,
    ui_locales: tuple[str, ...] = ("ja", "en"),
    claims_policy: ClaimsPolicy | None = None,
    registration_path: str | None = None,
    require_pushed_authorization_requests: bool = False,
    authorization_details_types: tuple[str, ...] = (),
    mutual_tls: MutualTlsMetadata | None = None,
) -> dict[str, Any]:
    """The provider's metadata, one document for both well-known addresses (``openid-configuration`` and RFC 8414's).

    Takes:   op_policy_uri, the operator's privacy notice; claims_policy, what may be said about a person here, None
             where claims are not released: then nothing of them is announced; registration_path, where clients register
             themselves, None where they do not; require_pushed_authorization_requests, the operator's setting for all
             clients; authorization_details_types, those that the operator declared (RFC 9396 §10); mutual_tls, None
             where no proxy tells of client certificates.
    Returns: JSON members; ``"sandbox": true`` says that cards here are test cards.
    Source:  OpenID Connect Discovery 1.0 §3; RFC 8414 §2; OIDC4IDA §8; Initiating User Registration §4.1
             (prompt_values_supported); Back-Channel Logout §2.1;
             RP-Initiated Logout §2.1.
    """
    metadata: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZATION_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "userinfo_endpoint": issuer + USERINFO_PATH,
        "revocation_endpoint": issuer + REVOCATION_PATH,
        "pushed_authorization_request_endpoint": issuer + PUSHED_REQUEST_PATH,
        "require_pushed_authorization_requests": require_pushed_authorization_requests,
        "introspection_endpoint": issuer + INTROSPECTION_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "scopes_supported": list(grantable_scopes(claims_policy)),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "authorization_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": list(supported_acr_values(issuer)),
        "subject_types_supported": list(SUBJECT_TYPES),
        "id_token_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(INTROSPECTION_AUTH_METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": list(_CLAIMS),
        "ui_locales_supported": list(ui_locales),
        "claims_parameter_supported": False,
        "op_policy_uri": op_policy_uri,
        **_logout(issuer),
        **_request_objects(),
        **_encrypted_answers(),
    }
    metadata |= _present(
        registration_endpoint=registration_path and issuer + registration_path,
        authorization_details_types_supported=list(authorization_details_types),
        sandbox=is_sandbox,
    )
    if mutual_tls is not None:
        _add_mutual_tls(metadata, issuer, mutual_tls)
    return metadata if claims_policy is None else _with_claims(metadata, claims_policy)


def _add_mutual_tls(metadata: dict[str, Any], issuer: str, mutual_tls: MutualTlsMetadata) -> None:
    """RFC 8705 §3.3, §5, and the methods of §2."""
    methods = [method for method in TLS_METHODS if mutual_tls.has_authorities or method != "tls_client_auth"]
    for endpoint in ("token", "revocation", "introspection"):
        metadata[f"{endpoint}_endpoint_auth_methods_supported"] += methods
    metadata["tls_client_certificate_bound_access_tokens"] = True
    if mutual_tls.url:
        metadata["mtls_endpoint_aliases"] = {
            name: mutual_tls.url + metadata[name].removeprefix(issuer) for name in _MTLS_ENDPOINTS if name in metadata
        }


def _logout(issuer: str) -> dict[str, Any]:
    """RP-Initiated Logout §2.1, Back-Channel Logout §2.1, Front-Channel Logout §3."""
    return {
        "end_session_endpoint": issuer + END_SESSION_PATH,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }


def _request_objects() -> dict[str, Any]:
    """RFC 9101 §10.5; OIDC Discovery §3."""
    return {
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "request_object_encryption_alg_values_supported": list(ENCRYPTION_ALGORITHMS),
        "request_object_encryption_enc_values_supported": list(CONTENT_ENCRYPTION),
        "require_signed_request_object": False,
        "request_uri_parameter_supported": False,
    }


def _encrypted_answers() -> dict[str, Any]:
    """OIDC Discovery §3; JARM §4; RFC 9701 §7."""
    members: dict[str, Any] = {"userinfo_signing_alg_values_supported": list(SIGNING_ALGORITHMS)}
    for answer in ("id_token", "userinfo", "authorization", "introspection"):
        members[f"{answer}_encryption_alg_values_supported"] = list(RESPONSE_ALGORITHMS)
        members[f"{answer}_encryption_enc_values_supported"] = list(RESPONSE_ENCRYPTIONS)
    return members


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _with_claims(metadata: dict[str, Any], claims_policy: ClaimsPolicy) -> dict[str, Any]:
    about_the_person = (*sorted(supported_claims(claims_policy)), TXN, VERIFIED_CLAIMS)
    return {
        **metadata,
        "claims_supported": [*metadata["claims_supported"], *about_the_person],
        "claims_parameter_supported": True,
        # OIDC Discovery §3: as they stand in the certificate; there is no second spelling to choose by claims_locales.
        "claims_locales_supported": ["ja"],
        **identity_assurance_metadata(claims_policy),
    }
