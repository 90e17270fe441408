"""What a client may register beyond the members that every client has; each default is what its standard says.

Source: OIDC Registration §2, RFC 7591 §2, and the specification named at each group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Members under their registered names; None, False and empty mean: not registered."""

    # OIDC Registration §2, RFC 7591 §2
    jwks_uri: str | None = None
    sector_identifier_uri: str | None = None
    subject_type: str = "pairwise"
    initiate_login_uri: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    software_id: str | None = None
    software_version: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    # OIDC Registration §2: signed and encrypted answers
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    # OIDC Registration §2, RFC 9101 §10.5, RFC 9126 §6: request objects and pushed requests
    request_object_signing_alg: str | None = None
    request_object_encryption_alg: str | None = None
    request_object_encryption_enc: str | None = None
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    # JARM §3
    authorization_signed_response_alg: str | None = None
    authorization_encrypted_response_alg: str | None = None
    authorization_encrypted_response_enc: str | None = None
    # RFC 9449 §5.2, RFC 8705 §2.1.2, §3.4
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    # RFC 9396 §10
    authorization_details_types: tuple[str, ...] = ()
    # RFC 9701 §6
    introspection_signed_response_alg: str | None = None
    introspection_encrypted_response_alg: str | None = None
    introspection_encrypted_response_enc: str | None = None
    # Back-Channel Logout §2.2, Front-Channel Logout §2
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    # Ours: which set of rules holds (``client_profile.PROFILES`` or none), the form of access tokens ("opaque" or
    # "jwt", RFC 9068), and the resources (RFC 8707) that the client may ask tokens for
    profile: str | None = None
    access_token_format: str = "opaque"
    resources: tuple[str, ...] = ()
    # Ours: the resources for which the client is the resource server, and so may introspect tokens (RFC 7662)
    protected_resources: tuple[str, ...] = ()
    # Ours, and of no registration: the client registered itself, so nobody vouches for its redirect URIs
    is_self_registered: bool = False

    def to_members(self) -> dict[str, Any]:
        """The members that differ from their default, as JSON types."""
        members: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                members[field.name] = list(value) if isinstance(value, tuple) else value
        return members

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> Self:
        """The inverse of ``to_members``; members that are not options are passed over."""
        names = {field.name for field in fields(cls)}
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in members.items() if name in names
        }
        return cls(**chosen)


NO_OPTIONS = ClientOptions()
