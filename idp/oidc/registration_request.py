"""What of a self-registration is taken up: the members that mean something here, within what this client may register.

Implements RFC 7591 §2: members that are not understood are ignored. The operator's own tools refuse them instead,
because who types one there believes in it; a developer's library sends what it always sends.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from idp.identifiers import hash_secret
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration import MAXIMUM_NAME_CHARACTERS, MEMBERS
from idp.oidc.registration_members import is_list_of_texts, is_text

# What a client may have of other parties' resources is the operator's to say; who asks for it here is not understood.
_OPERATORS_MEMBERS: Final = frozenset(
    {"resources", "protected_resources", "access_token_format", "authorization_details_types"}
)
_RULES: Final = (
    "profile",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
)
# RFC 7592 §2.2: the client must not send these with an update.
_NOT_IN_UPDATE: Final = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)


def choose_members(
    sent: Mapping[str, Any], scopes: Sequence[str], redirect_hosts: Sequence[str], *, may_be_public: bool
) -> dict[str, Any]:
    """The metadata to register.

    Takes:   sent, with the members of a software statement over the plain ones; scopes and redirect_hosts that this
             client may register, hosts empty for any; may_be_public, whether people may be known to it by a ``sub``
             that other clients know too.
    Returns: members that the registration knows. Without a name the client is called like its first host.
    Raises:  OAuthError invalid_client_metadata, invalid_redirect_uri.
    """
    may_send = MEMBERS.keys() - _OPERATORS_MEMBERS
    metadata = {name: value for name, value in sent.items() if name in may_send and value is not None}
    _check_scope(metadata, scopes)
    _check_hosts(metadata, redirect_hosts)
    if metadata.get("subject_type") == "public" and not may_be_public:
        raise _refusal("subject_type public is for the operator to register")
    if metadata.get("require_pkce") is False:
        raise _refusal("require_pkce cannot be turned off here")
    if "client_name" not in metadata:
        metadata["client_name"] = _first_host(metadata.get("redirect_uris"))[:MAXIMUM_NAME_CHARACTERS]
    return metadata


def keep_operators_choices(former: Client, changed: Client) -> Client:
    """An update of a client by itself, with what is the operator's as it was.

    Raises:   OAuthError invalid_client_metadata: it would loosen a rule that held.
    Stricter: a client may take more rules upon itself (RFC 7592 §2.2 replaces everything); who wants fewer asks the
              operator, for nobody here knows who chose them.
    """
    for name in _RULES:
        if getattr(former.options, name) and getattr(changed.options, name) != getattr(former.options, name):
            raise _refusal(f"{name} is registered and cannot be changed here")
    kept = {name: getattr(former.options, name) for name in _OPERATORS_MEMBERS}
    return replace(changed, options=replace(changed.options, **kept))


def check_update(sent: Mapping[str, Any], client: Client) -> None:
    """Refuse an update that is another client's, or that would choose what only the provider chooses.

    Raises: OAuthError invalid_request.
    Source: RFC 7592 §2.2: client_id is required; a client_secret has to be the present one.
    """
    if sent.get("client_id") != client.client_id:
        raise _bad_request("client_id is not the client's own")
    if present := [name for name in _NOT_IN_UPDATE if name in sent]:
        raise _bad_request(f"{present[0]} must not be sent")
    if "client_secret" in sent:
        secret = sent["client_secret"]
        given = hash_secret(secret) if isinstance(secret, str) else b""
        if client.secret_hash is None or not hmac.compare_digest(given, client.secret_hash):
            raise _bad_request("client_secret is not the present one")


def _check_scope(metadata: Mapping[str, Any], scopes: Sequence[str]) -> None:
    scope = metadata.get("scope", "")
    if is_text(scope) and (refused := [value for value in scope.split() if value not in scopes]):
        raise _refusal(f"scope {refused[0][:64]} may not be registered here, but {' '.join(scopes)}")
    grant_types = metadata.get("grant_types")
    if isinstance(grant_types, list) and "refresh_token" in grant_types and "offline_access" not in scopes:
        raise _refusal("refresh_token may not be registered here")


def _check_hosts(metadata: Mapping[str, Any], redirect_hosts: Sequence[str]) -> None:
    if not redirect_hosts:
        return
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        uris = metadata.get(name)
        listed = uris if isinstance(uris, list) and is_list_of_texts(uris) else []
        _check_leads_to(name, listed, redirect_hosts, ErrorCode.INVALID_REDIRECT_URI)
    start = metadata.get("initiate_login_uri")
    if isinstance(start, str):
        _check_leads_to("initiate_login_uri", [start], redirect_hosts, ErrorCode.INVALID_CLIENT_METADATA)


def _check_leads_to(name: str, uris: Sequence[str], redirect_hosts: Sequence[str], code: ErrorCode) -> None:
    for uri in uris:
        if _host(uri) not in redirect_hosts:
            text = f"{name} may lead only to {' '.join(redirect_hosts)}"
            raise OAuthError(code, text, detail="redirect host")


def _first_host(redirect_uris: object) -> str:
    if not is_list_of_texts(redirect_uris) or not isinstance(redirect_uris, list) or not redirect_uris:
        return ""
    return _host(redirect_uris[0]) or redirect_uris[0].partition(":")[0]


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


def _bad_request(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, description, detail=description)
