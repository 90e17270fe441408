"""Registration: from a relying party's metadata to a client, or a refusal that names the member at fault.

Implements OIDC Registration §2 and RFC 7591 §2, as done by the operator; there is no open registration endpoint.
Longer than most modules, so that everything that is refused at registration is read in one place.
"""

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from authlib.oauth2.rfc7591 import ClientMetadataClaims as OAuthMetadataClaims
from authlib.oidc.registration import ClientMetadataClaims as OidcMetadataClaims
from joserfc.errors import JoseError

from idp.assurance.claims_policy import ClaimsPolicy
from idp.clock import to_epoch_seconds
from idp.identifiers import Randomness, hash_secret, new_identifier
from idp.oidc.authorization_request import grantable_scopes
from idp.oidc.client import Client
from idp.oidc.client_keys import check_public_jwks
from idp.oidc.client_options import ClientOptions
from idp.oidc.client_profile import MESSAGE_SIGNING
from idp.oidc.discovery import MutualTlsMetadata, provider_metadata
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.fetchable_address import check_fetchable_address
from idp.oidc.redirect_uri import check_registrable_redirect_uri
from idp.oidc.registration_answers import ANSWER_MEMBERS, has_encrypted_answers
from idp.oidc.registration_information import INFORMATION
from idp.oidc.registration_keys import KEYS
from idp.oidc.registration_logout import LOGOUT_MEMBERS
from idp.oidc.registration_members import MemberGroup, TypeCheck, is_flag, is_list_of_texts, is_text
from idp.oidc.registration_profile import PROFILE_MEMBERS
from idp.oidc.registration_requests import REQUEST_MEMBERS, is_signing_requests
from idp.oidc.registration_tls import TLS_MEMBERS
from idp.oidc.registration_tokens import TOKEN_MEMBERS, is_resource_server_alone
from idp.oidc.scope_claims import CLAIMS_OF_SCOPE
from idp.oidc.sector_document import NOBODY_VOUCHES, SectorVoucher
from idp.oidc.subject import sector_of

MAXIMUM_NAME_CHARACTERS: Final = 64
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]{0,63}")
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks drawn as nothing: grapheme joiner, Hangul fillers, Khmer inherent vowels (presenter protocol §3.2).
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_SUPPORTED: Final = provider_metadata(
    "https://issuer.invalid",
    is_sandbox=False,
    op_policy_uri="",
    mutual_tls=MutualTlsMetadata("", has_authorities=True),
)

# Not for Authlib to judge: it refuses private-use schemes (RFC 8252 §7.1), a key set without "keys" is a KeyError to
# it, which addresses are called is for fetchable_address to say, and levels begin with an issuer, not known here.
_OURS_ALONE: Final = frozenset({"redirect_uris", "jwks", "jwks_uri", "sector_identifier_uri", "default_acr_values"})

# What not every client has; a group stands here once all it promises is kept.
GROUPS: Final[tuple[MemberGroup, ...]] = (
    KEYS,
    INFORMATION,
    REQUEST_MEMBERS,
    TOKEN_MEMBERS,
    TLS_MEMBERS,
    LOGOUT_MEMBERS,
    ANSWER_MEMBERS,
    PROFILE_MEMBERS,
)

# The members that mean something here; an unknown one is refused, or its author would believe it had an effect.
MEMBERS: Final[Mapping[str, TypeCheck]] = {
    "redirect_uris": is_list_of_texts,
    "post_logout_redirect_uris": is_list_of_texts,
    "client_name": is_text,
    "client_uri": is_text,
    "application_type": is_text,
    "token_endpoint_auth_method": is_text,
    "grant_types": is_list_of_texts,
    "response_types": is_list_of_texts,
    "scope": is_text,
    "jwks": lambda value: isinstance(value, dict),
    "subject_type": is_text,
    "sector_identifier_uri": is_text,
    "id_token_signed_response_alg": is_text,
    "require_pkce": is_flag,
    **{name: is_of_its_type for group in GROUPS for name, is_of_its_type in group.members.items()},
}


def register_client(
    metadata: Mapping[str, Any],
    *,
    sandbox: bool,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
    client_id: str | None = None,
    is_reviewed: bool = False,
    is_lawful_verifier: bool = False,
    evidence_retention_days: int | None = None,
    claims_policy: ClaimsPolicy | None = None,
    sectors: SectorVoucher = NOBODY_VOUCHES,
) -> tuple[Client, str | None]:
    """Establish that a relying party may be registered as it asks, and give it its credentials.

    Takes:    metadata by the names of OIDC Registration §2, and ``require_pkce``; client_id, where the operator chooses
              one; is_reviewed, whether the operator checked the name that people are shown; is_lawful_verifier, whether
              the operator found that it may be given serial numbers of certificates; evidence_retention_days, how
              long its evidence is kept, None for what the settings say; claims_policy, what may be said about a person
              here, None where scopes of claims are not supported; sectors, who says that redirect URIs belong to
              a declared sector.
    Returns:  the client and, for the two client_secret methods, its secret (256 bits), which is stored nowhere.
    Raises:   OAuthError invalid_redirect_uri, invalid_client_metadata.
    Source:   OIDC Registration §2, §5; RFC 7591 §2, §3.2.2; RFC 9700 §2.1.
    Stricter: unknown members and ``none`` as signing algorithm are refused; subject_type is pairwise if not given;
              id_token_signed_response_alg is ES256 if not given (the standard's RS256 costs seven times as much).
              Where scope has offline_access and grant_types is not given, refresh_token is among them.
    """
    _check_members(metadata)
    _check_supported(metadata, claims_policy)
    method = metadata.get("token_endpoint_auth_method", "client_secret_basic")
    is_native = metadata.get("application_type", "web") == "native"
    _check_consistent(metadata, method, is_native=is_native)
    _check_client_id(client_id)
    _check_addresses(metadata, sandbox=sandbox, is_native=is_native)
    for group in GROUPS:
        group.check(metadata, sandbox)
    if "sector_identifier_uri" in metadata:
        check_fetchable_address("sector_identifier_uri", metadata["sector_identifier_uri"], sandbox=False)
        sectors.check_listed(metadata["sector_identifier_uri"], metadata["redirect_uris"])
    chosen_id = client_id or new_identifier(randomness)
    secret = new_identifier(randomness) if method.startswith("client_secret") else None
    grant_types = _grant_types(metadata)
    redirect_uris = tuple(metadata.get("redirect_uris", ()))
    client = Client(
        client_id=chosen_id,
        client_name=metadata["client_name"],
        redirect_uris=redirect_uris,
        sector=sector_of(
            chosen_id, redirect_uris, metadata.get("sector_identifier_uri"), metadata.get("subject_type", "pairwise")
        ),
        token_endpoint_auth_method=method,
        id_token_signed_response_alg=metadata.get("id_token_signed_response_alg", "ES256"),
        scope=_scope(metadata, grant_types),
        grant_types=grant_types,
        require_pkce=metadata.get("require_pkce", True),
        is_reviewed=is_reviewed,
        client_uri=metadata.get("client_uri", ""),
        post_logout_redirect_uris=tuple(metadata.get("post_logout_redirect_uris", ())),
        secret_hash=None if secret is None else hash_secret(secret),
        jwks=metadata.get("jwks"),
        created_at=now,
        fingerprint=b"",
        is_lawful_verifier=is_lawful_verifier,
        evidence_retention_days=evidence_retention_days,
        options=ClientOptions.from_members(metadata),
    )
    return replace(client, fingerprint=client_fingerprint(client)), secret


def client_to_metadata(client: Client) -> dict[str, Any]:
    """A client under the names of OIDC Registration §3.2, without anything secret."""
    metadata: dict[str, Any] = {
        "client_id": client.client_id,
        "client_id_issued_at": to_epoch_seconds(client.created_at),
        "client_name": client.client_name,
        "redirect_uris": list(client.redirect_uris),
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "subject_type": "pairwise",
        "response_types": ["code"] if "authorization_code" in client.grant_types else [],
        "grant_types": list(client.grant_types),
        "scope": " ".join(client.scope),
        "require_pkce": client.require_pkce,
    }
    if client.client_uri:
        metadata["client_uri"] = client.client_uri
    if client.post_logout_redirect_uris:
        metadata["post_logout_redirect_uris"] = list(client.post_logout_redirect_uris)
    if client.jwks is not None:
        metadata["jwks"] = client.jwks
    return metadata | client.options.to_members()


def client_to_registration(client: Client) -> dict[str, Any]:
    """What would register this client once more under the same ``client_id``: its metadata and nothing that we add."""
    metadata = client_to_metadata(client)
    for name in ("client_id", "client_id_issued_at", "is_self_registered"):
        metadata.pop(name, None)
    # The type is not kept, for nothing hangs on it but which redirect URIs may be registered.
    is_native = client.is_public and not all(uri.startswith("https://") for uri in client.redirect_uris)
    return {**metadata, "application_type": "native" if is_native else "web"}


def client_fingerprint(client: Client) -> bytes:
    """What tells whether a client is still the one that a person was shown.

    Returns: SHA-256 over the registered metadata, the sector and the review; not the secret, which may be rotated in
             the middle of a sign-in without anybody being deceived.
    """
    described = {**client_to_metadata(client), "sector": client.sector, "is_reviewed": client.is_reviewed}
    if client.is_lawful_verifier:
        described["is_lawful_verifier"] = True
    return hashlib.sha256(json.dumps(described, sort_keys=True, separators=(",", ":")).encode("ascii")).digest()


def _check_members(metadata: Mapping[str, Any]) -> None:
    for name, value in metadata.items():
        is_of_its_type = MEMBERS.get(name)
        if is_of_its_type is None:
            raise _refusal(f"{name} is not a member that this provider knows")
        if not is_of_its_type(value):
            raise _refusal(f"{name} does not have the right type or size")
    for name in ("client_name",) if is_resource_server_alone(metadata) else ("client_name", "redirect_uris"):
        if not metadata.get(name):
            raise _refusal(f"{name} is required")


def _check_supported(metadata: Mapping[str, Any], claims_policy: ClaimsPolicy | None) -> None:
    # Authlib compares each member with the document we publish, so that neither can promise what the other refuses.
    values = {name: value for name, value in metadata.items() if name not in _OURS_ALONE}
    scopes = grantable_scopes(claims_policy)
    _check_scope_values(metadata.get("scope", "").split(), scopes)
    supported = {**_SUPPORTED, "scopes_supported": list(scopes)}
    for claims in (OAuthMetadataClaims, OidcMetadataClaims):
        try:
            claims(dict(values), {}, claims.get_claims_options(supported)).validate()
        except (JoseError, ValueError) as error:
            member = getattr(error, "claim", None) or "a member"
            raise _refusal(f"{member} has a value that is not supported") from error


def _check_scope_values(asked: Sequence[str], supported: Sequence[str]) -> None:
    for value in asked:
        if value in supported:
            continue
        if value in CLAIMS_OF_SCOPE:
            raise _refusal(f"scope {value} is about the person: it needs linkage = true under [operator_platform]")
        raise _refusal(f"scope {value[:64]} is not one that this provider knows: {' '.join(supported)}")


def _check_consistent(metadata: Mapping[str, Any], method: str, *, is_native: bool) -> None:
    is_public = method == "none"
    if is_native and not is_public:
        raise _refusal("a native application cannot keep a secret: token_endpoint_auth_method must be none")
    if is_public and metadata.get("require_pkce") is False:
        raise _refusal("require_pkce cannot be false for a public client")
    needs_keys = (
        method in ("private_key_jwt", "self_signed_tls_client_auth")
        or is_signing_requests(metadata)
        or metadata.get("profile") == MESSAGE_SIGNING
        or has_encrypted_answers(metadata)
    )
    if needs_keys != bool({"jwks", "jwks_uri"} & metadata.keys()):
        raise _refusal(
            "jwks or jwks_uri is required for private_key_jwt, self_signed_tls_client_auth, request objects and"
            " encrypted answers, and for nothing else"
        )
    if method == "self_signed_tls_client_auth" and "jwks" not in metadata:
        raise _refusal("jwks with the certificate (x5c) is required for self_signed_tls_client_auth")
    grant_types = metadata.get("grant_types", ("authorization_code",))
    if not is_resource_server_alone(metadata) and "authorization_code" not in grant_types:
        raise _refusal("grant_types must contain authorization_code, also beside refresh_token")
    if "jwks" in metadata:
        check_public_jwks(metadata["jwks"])
    _check_client_name(metadata["client_name"])


def _check_client_name(name: str) -> None:
    # It is shown on pages and in the card presenter, so nothing may hide, reverse or imitate (RFC 7591 §5).
    is_plain = _INVISIBLE.isdisjoint(name) and not any(
        unicodedata.category(character) in _UNSHOWABLE for character in name
    )
    if len(name) > MAXIMUM_NAME_CHARACTERS or not is_plain or name != name.strip():
        raise _refusal("client_name is at most 64 characters, without control or format characters")
    if unicodedata.normalize("NFC", name) != name:
        raise _refusal("client_name is not in Unicode's NFC form")


def _check_client_id(client_id: str | None) -> None:
    if client_id is not None and _CLIENT_ID.fullmatch(client_id) is None:
        raise _refusal("client_id is at most 64 letters, digits, dots, underscores and, not first, hyphens")


def _check_addresses(metadata: Mapping[str, Any], *, sandbox: bool, is_native: bool) -> None:
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        uris = metadata.get(name, ())
        if len(set(uris)) != len(uris):
            raise _refusal(f"{name} has one address twice")
    for uri in metadata.get("redirect_uris", ()):
        check_registrable_redirect_uri(uri, sandbox=sandbox, is_native=is_native)
    try:
        for uri in metadata.get("post_logout_redirect_uris", ()):
            check_registrable_redirect_uri(uri, sandbox=sandbox, is_native=is_native)
        if "client_uri" in metadata:
            check_registrable_redirect_uri(metadata["client_uri"], sandbox=sandbox)
    except OAuthError as error:
        # The rule is the same, but RFC 7591 §3.2.2 keeps invalid_redirect_uri for redirect_uris.
        raise _refusal(f"client_uri and post_logout_redirect_uris: {error.description}") from error


def _grant_types(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    asks_for_offline_access = "offline_access" in metadata.get("scope", "").split()
    if "grant_types" not in metadata:
        return ("authorization_code", "refresh_token") if asks_for_offline_access else ("authorization_code",)
    grant_types = tuple(metadata["grant_types"])
    if asks_for_offline_access and "refresh_token" not in grant_types:
        raise _refusal("scope offline_access needs refresh_token beside authorization_code in grant_types")
    return grant_types


def _scope(metadata: Mapping[str, Any], grant_types: tuple[str, ...]) -> tuple[str, ...]:
    if "scope" in metadata:
        scope = tuple(dict.fromkeys(metadata["scope"].split()))
        if "openid" not in scope:
            raise _refusal("scope must contain openid")
        return scope
    return ("openid", "offline_access") if "refresh_token" in grant_types else ("openid",)


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)
