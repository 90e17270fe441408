"""The members of a client that proves itself in TLS, or binds its tokens to its certificate (RFC 8705)."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final

from cryptography import x509

from idp.oidc.client_certificate import SUBJECT_MEMBERS, registered_thumbprint
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_flag, is_text


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    method = metadata.get("token_endpoint_auth_method")
    named = [name for name in SUBJECT_MEMBERS if name in metadata]
    if (method == "tls_client_auth") != (len(named) == 1) or len(named) > 1:
        raise _refusal("tls_client_auth needs exactly one tls_client_auth_… member, and no other method has one")
    if method == "tls_client_auth":
        _check_subject(metadata)
    if method == "self_signed_tls_client_auth" and not any(map(registered_thumbprint, metadata["jwks"]["keys"])):
        raise _refusal("self_signed_tls_client_auth needs a key with x5c or x5t#S256 in jwks")


def _check_subject(metadata: Mapping[str, Any]) -> None:
    """RFC 8705 §2.1.2: a distinguished name as in RFC 4514, or a subject alternative name."""
    try:
        if "tls_client_auth_subject_dn" in metadata:
            name = x509.Name.from_rfc4514_string(metadata["tls_client_auth_subject_dn"])
            if not list(name):
                raise ValueError("empty")
        if "tls_client_auth_san_ip" in metadata:
            ip_address(metadata["tls_client_auth_san_ip"])
    except ValueError as error:
        raise _refusal(
            "tls_client_auth_subject_dn is a name as in RFC 4514, tls_client_auth_san_ip an address"
        ) from error


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


TLS_MEMBERS: Final = MemberGroup(
    {"tls_client_certificate_bound_access_tokens": is_flag, **dict.fromkeys(SUBJECT_MEMBERS, is_text)}, _check
)
