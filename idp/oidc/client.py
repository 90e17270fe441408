"""A client: a relying party's registration, under the names of OpenID Connect Dynamic Registration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from idp.keys.jws_registry import SigningAlgorithm
from idp.oidc.client_options import NO_OPTIONS, ClientOptions

TokenEndpointAuthMethod = Literal[
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]


@dataclass(frozen=True, slots=True)
class Client:
    """One registered client.

    ``sector`` is the sector identifier's host or name: clients of one sector see one ``sub`` for a person
    (OIDC Core §8.1). ``secret_hash`` is SHA-256 of a random 256-bit secret. ``jwks`` is a JWK Set of public keys.
    ``is_reviewed`` says that the operator checked the name that people are shown. ``fingerprint`` is SHA-256 over the
    registered metadata, so that a change during a sign-in is noticed. ``is_lawful_verifier`` says that the operator
    found the client to be one that may be given signatures and serial numbers (公的個人認証法 17条, 52条).
    ``evidence_retention_days`` is how long evidence made for it is kept, None for what the settings say. ``options``
    are the members that not every client has.
    Source: OIDC Registration §2, RFC 7591 §2.
    """

    client_id: str
    client_name: str
    redirect_uris: tuple[str, ...]
    sector: str
    token_endpoint_auth_method: TokenEndpointAuthMethod
    id_token_signed_response_alg: SigningAlgorithm
    scope: tuple[str, ...]
    grant_types: tuple[str, ...]
    require_pkce: bool
    is_reviewed: bool
    client_uri: str
    post_logout_redirect_uris: tuple[str, ...]
    secret_hash: bytes | None
    jwks: dict[str, Any] | None
    created_at: datetime
    fingerprint: bytes
    is_lawful_verifier: bool = False
    evidence_retention_days: int | None = None
    options: ClientOptions = NO_OPTIONS

    @property
    def is_public(self) -> bool:
        """Whether the client cannot keep a secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def is_untrusted(self) -> bool:
        """Whether nobody but itself says where this client's answers may go (RFC 9700 §4.11.2)."""
        return self.options.is_self_registered and not self.is_reviewed
