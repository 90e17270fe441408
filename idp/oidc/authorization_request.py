"""The authorization request: from parameters nobody vouches for to a value that can be acted on.

Implements OIDC Core §3.1.2.1 and §3.1.2.2, RFC 6749 §4.1.1, for the code flow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from idp.assurance.claims_policy import ClaimsPolicy
from idp.oidc.authorization_checks import (
    check_challenge,
    check_claims,
    check_dpop_jkt,
    check_max_age,
    check_prompt,
    check_response_mode,
    check_response_type,
    check_scope,
    check_supported,
    check_unique,
)
from idp.oidc.authorization_details import AuthorizationDetails, DetailsType, parse_authorization_details
from idp.oidc.claims_authentication import find_asked_acr, find_asked_sub
from idp.oidc.claims_request import ClaimsRequest, accept_claims_parameter, parse_claims_request
from idp.oidc.client import Client
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.id_token import verify_id_token_hint
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientStore, IdTokenHintVerifier
from idp.oidc.redirect_uri import VerifiedRedirect, verify_redirect_uri
from idp.oidc.resource import check_resource, read_resources
from idp.oidc.response_mode import ResponseMode
from idp.oidc.scope_claims import CLAIMS_OF_SCOPE

GRANTABLE_SCOPES: Final = ("openid", "offline_access")
NO_DETAILS_TYPES: Final[Mapping[str, DetailsType]] = {}
_UI_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")

CHECKS: Final = (  # order matters: what the request is, before what it asks for
    check_unique,  # RFC 6749 §3.1
    check_supported,  # OIDC Core §3.1.2.6
    check_response_type,  # OIDC Core §3.1.2.1; "code" only
    check_response_mode,  # OAuth 2.0 Multiple Response Types §2.1, JARM §2.3
    check_scope,  # OIDC Core §3.1.2.1; "openid" is there
    check_challenge,  # RFC 7636 §4.3; S256, RFC 9700 §2.1.1
    check_dpop_jkt,  # RFC 9449 §10
    check_resource,  # RFC 8707 §2.1
    check_prompt,  # OIDC Core §3.1.2.1; none stands alone
    check_max_age,  # OIDC Core §3.1.2.1
    check_claims,  # OIDC Core §5.5
)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks, every part of it checked.

    ``scope`` has only what can be granted; ``id_token_hint_sub`` the subject of a hint that this provider signed for
    this client, or that the claims parameter asks for; ``request_hash`` is SHA-256 of the whole request
    (``Parameters.request_hash``). ``claims`` is there only where claims can be released; ``is_acr_essential`` says that
    below ``acr_values`` the client wants no answer. ``dpop_jkt`` is the key that the code is to be bound to,
    ``resources`` what access tokens may be for.
    """

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: frozenset[str]
    max_age_seconds: int | None
    login_hint: str | None
    ui_locales: tuple[str, ...]
    acr_values: tuple[str, ...]
    id_token_hint_sub: str | None
    request_hash: bytes
    claims: ClaimsRequest | None = None
    is_acr_essential: bool = False
    response_mode: ResponseMode = "query"
    dpop_jkt: str | None = None
    resources: tuple[str, ...] = ()
    authorization_details: AuthorizationDetails | None = None

    def to_json(self) -> dict[str, Any]:
        """The request as an object of JSON types, for the transient store."""
        return {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": list(self.scope),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.code_challenge,
            "prompt": sorted(self.prompt),
            "max_age_seconds": self.max_age_seconds,
            "login_hint": self.login_hint,
            "ui_locales": list(self.ui_locales),
            "acr_values": list(self.acr_values),
            "id_token_hint_sub": self.id_token_hint_sub,
            "request_hash": self.request_hash.hex(),
            "claims": None if self.claims is None else self.claims.canonical,
            "is_acr_essential": self.is_acr_essential,
            "response_mode": self.response_mode,
            "dpop_jkt": self.dpop_jkt,
            "resources": list(self.resources),
            "authorization_details": None if self.authorization_details is None else self.authorization_details.text,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The request that ``to_json`` wrote; only our own store's contents are given to it."""
        claims, details = stored.get("claims"), stored.get("authorization_details")
        return cls(
            **{
                **stored,
                "scope": tuple(stored["scope"]),
                "prompt": frozenset(stored["prompt"]),
                "ui_locales": tuple(stored["ui_locales"]),
                "acr_values": tuple(stored["acr_values"]),
                "resources": tuple(stored.get("resources", ())),
                "request_hash": bytes.fromhex(stored["request_hash"]),
                "claims": None if claims is None else parse_claims_request(claims),
                "authorization_details": None if details is None else AuthorizationDetails(details),
            }
        )


def identify(parameters: Parameters, clients: ClientStore) -> tuple[Client, VerifiedRedirect]:
    """Establish who asks and where the answer may go; until this has spoken, an error is a page.

    Raises: OAuthError: no, doubled or unknown client_id; no, doubled or unregistered redirect_uri; doubled state.
            NoEncryptionKey: the client wants encrypted answers, and there is no key to encrypt to.
    Source: RFC 6749 §3.1.2.4, §4.1.2.1; RFC 9700 §4.11.2.
    """
    for name in ("client_id", "redirect_uri", "state"):
        if parameters.count(name) > 1:
            raise OAuthError(ErrorCode.INVALID_REQUEST, f"{name} is given more than once.", detail=f"twice: {name}")
    client_id = parameters.get("client_id")
    if client_id is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "client_id is required.", detail="no client_id")
    client = clients.find_client(client_id)
    if client is None:
        raise OAuthError(ErrorCode.UNAUTHORIZED_CLIENT, "client_id is not registered.", detail="unknown client_id")
    mode = parameters.get("response_mode") if parameters.count("response_mode") == 1 else None
    redirect_uri, state = parameters.get("redirect_uri"), parameters.get("state")
    return client, verify_redirect_uri(client, redirect_uri, state, mode, clients)


def parse_authorization_request(
    parameters: Parameters,
    client: Client,
    redirect: VerifiedRedirect,
    *,
    id_token_hints: IdTokenHintVerifier,
    claims_policy: ClaimsPolicy | None = None,
    details_types: Mapping[str, DetailsType] = NO_DETAILS_TYPES,
) -> AuthorizationRequest:
    """Establish that the request is well-formed and that this client may make it.

    Takes:   claims_policy, what may be said about a person here; None where claims are not released.
    Raises:  AuthorizationRefused, for the redirect: any of ``CHECKS``, or an id_token_hint that is not ours.
    Source:  OIDC Core §3.1.2.2, §3.1.2.6.
    Omitted: scopes and claims that cannot be released are dropped, not refused (OIDC Core §3.1.2.1, scope).
    """
    try:
        for check in CHECKS:
            check(parameters, client)
        hint = parameters.get("id_token_hint")
        hint_sub = None if hint is None else verify_id_token_hint(hint, id_token_hints, client.client_id)
        claims = _claims(parameters, claims_policy)
        details = _details(parameters, client, details_types)
        asked_sub = _asked_sub(claims, hint_sub)
        asked_acr, is_acr_essential = ((), False) if claims is None else find_asked_acr(claims)
    except OAuthError as error:
        raise AuthorizationRefused(error, redirect) from error
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect.redirect_uri,
        scope=_grantable_scope(parameters.get("scope") or "", client, claims_policy),
        state=redirect.state,
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        prompt=frozenset((parameters.get("prompt") or "").split()),
        max_age_seconds=_max_age(parameters, client),
        login_hint=parameters.get("login_hint"),
        ui_locales=parse_ui_locales(parameters.get("ui_locales") or ""),
        acr_values=(*asked_acr, *(() if is_acr_essential else _acr_values(parameters, client, asked_acr))),
        id_token_hint_sub=asked_sub,
        request_hash=parameters.request_hash,
        claims=claims,
        is_acr_essential=is_acr_essential,
        response_mode=redirect.response_mode,
        dpop_jkt=parameters.get("dpop_jkt"),
        resources=read_resources(parameters),
        authorization_details=details,
    )


def _max_age(parameters: Parameters, client: Client) -> int | None:
    # OIDC Registration §2, default_max_age: the request's own value overrides it.
    max_age = parameters.get("max_age")
    return client.options.default_max_age if max_age is None else int(max_age)


def _acr_values(parameters: Parameters, client: Client, asked_acr: tuple[str, ...]) -> tuple[str, ...]:
    # OIDC Registration §2, default_acr_values: the parameter or a claim acr overrides them.
    acr_values = parameters.get("acr_values")
    if acr_values is not None:
        return tuple(acr_values.split())
    return () if asked_acr else client.options.default_acr_values


def _claims(parameters: Parameters, policy: ClaimsPolicy | None) -> ClaimsRequest | None:
    text = parameters.get("claims")
    # OIDC Core §5.5: a provider that does not support the parameter ignores it.
    return None if text is None or policy is None else accept_claims_parameter(text, policy)


def _details(parameters: Parameters, client: Client, types: Mapping[str, DetailsType]) -> AuthorizationDetails | None:
    text = parameters.get("authorization_details")
    return None if text is None else parse_authorization_details(text, client, types)


def _asked_sub(claims: ClaimsRequest | None, hint_sub: str | None) -> str | None:
    asked = None if claims is None else find_asked_sub(claims)
    if asked is not None and hint_sub is not None and asked != hint_sub:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST,
            "claims and id_token_hint ask for different persons.",
            detail="sub of claims is not that of id_token_hint",
        )
    return hint_sub if asked is None else asked


def grantable_scopes(claims_policy: ClaimsPolicy | None) -> tuple[str, ...]:
    """The scopes that can be granted at all; those of claims only where claims are released."""
    return GRANTABLE_SCOPES if claims_policy is None else (*GRANTABLE_SCOPES, *CLAIMS_OF_SCOPE)


def _grantable_scope(scope: str, client: Client, policy: ClaimsPolicy | None) -> tuple[str, ...]:
    asked = scope.split(" ")
    allowed = {"openid"}
    # OIDC Core §11: a client that may not refresh has no use for offline access, so nobody is asked for it.
    if "offline_access" in client.scope and "refresh_token" in client.grant_types:
        allowed.add("offline_access")
    allowed.update(value for value in CLAIMS_OF_SCOPE if value in client.scope)
    return tuple(value for value in grantable_scopes(policy) if value in asked and value in allowed)


def parse_ui_locales(ui_locales: str) -> tuple[str, ...]:
    """The languages asked for, in order; one that is not understood is no error (OIDC Core §3.1.2.1)."""
    return tuple(locale for locale in ui_locales.split() if _UI_LOCALE.fullmatch(locale))[:8]
