"""The introspection endpoint: a resource server asks what an access token is worth (RFC 7662, RFC 9701)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from idp.clock import to_epoch_seconds
from idp.oidc.acr import acr_of_now
from idp.oidc.assigned_details import details_for
from idp.oidc.client import Client
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.client_certificate import PresentedCertificate
from idp.oidc.discovery import USERINFO_PATH
from idp.oidc.encrypted_answer import find_encryption
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import LiveAccessToken
from idp.oidc.jwt_access_token import find_token_hash
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientAdmission, ClientStore, IdTokenSigner, OnceStore, OwnTokenVerifier, TokenReader
from idp.oidc.status_time import StatusTimes, newest_status_of_grant

TYPE: Final = "token-introspection+jwt"
MEDIA_TYPE: Final = f"application/{TYPE}"
_INACTIVE: Final = {"active": False}


@dataclass(frozen=True, slots=True)
class IntrospectionDependencies:
    """What the introspection endpoint is made of.

    ``endpoint_url`` is its own address, for client assertions; ``status_max_age_seconds`` and ``statuses`` as for the
    token endpoint.
    """

    issuer: str
    endpoint_url: str
    clients: ClientStore
    tokens: TokenReader
    once: OnceStore
    signer: IdTokenSigner
    own_tokens: OwnTokenVerifier
    status_max_age_seconds: int | None = None
    statuses: StatusTimes | None = None


@dataclass(frozen=True, slots=True)
class Introspection:
    """What there is to say of a token, and the client that asked."""

    caller: Client
    members: dict[str, Any]


def answer_introspection_request(
    parameters: Parameters,
    authorization_header: str | None,
    dependencies: IntrospectionDependencies,
    now: datetime,
    certificate: PresentedCertificate | None = None,
    admission: ClientAdmission | None = None,
) -> Introspection:
    """Say whether an access token is good, and for what, to whom it was issued or whom it is for.

    Takes:   parameters of the body alone. ``token_type_hint`` is not needed.
             certificate, what the trusted proxy tells of the TLS connection; admission, where it is counted against its
             client.
    Returns: ``{"active": false}`` alone for every token that is not good, or none of the caller's business: unknown,
             expired, revoked, another's. Which of these it is cannot be told from the answer.
    Raises:  OAuthError invalid_request; invalid_client, also for a client that cannot prove itself.
    Source:  RFC 7662 §2.1, §2.2, §4 (no oracle for tokens); RFC 9396 §9.2 (authorization_details: to the client all of
             the token's, to a resource server those that are for its addresses or for no certain one).
    Omitted: refresh tokens; only the client itself has one, and it learns more by using it.
    """
    parameters.check_unique()
    caller = authenticate_client(
        parameters,
        authorization_header,
        dependencies.clients,
        dependencies.once,
        issuer=dependencies.issuer,
        endpoint_url=dependencies.endpoint_url,
        now=now,
        certificate=certificate,
        admission=admission,
    )
    if caller.is_public:
        raise OAuthError(
            ErrorCode.INVALID_CLIENT,
            "Client authentication is required.",
            detail="a public client at introspection",
            authenticate='Basic realm="client"',
        )
    token = parameters.get("token")
    if token is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "token is required.", detail="no token")
    token_hash = find_token_hash(token, dependencies.own_tokens)
    live = None if token_hash is None else dependencies.tokens.find_access_token(token_hash, now)
    if live is None:
        return Introspection(caller, _INACTIVE)
    audience = _visible_audience(live, caller, dependencies.issuer)
    if not audience:
        return Introspection(caller, _INACTIVE)
    members = _describe(live, audience, dependencies, now)
    if told := _visible_details(live, caller, audience):
        members["authorization_details"] = told
    return Introspection(caller, members)


def sign_introspection(introspection: Introspection, dependencies: IntrospectionDependencies, now: datetime) -> str:
    """The answer as a JWT that the caller can keep as a proof.

    Returns: a compact JWS, in the algorithm that the caller registered for it, or else for its ID tokens; nested in a
             JWE where it registered for one.
    Raises:  NoEncryptionKey.
    Source:  RFC 9701 §5: the members stand apart from the claims of the JWT, so that it is no access token; §6.
    """
    caller = introspection.caller
    encryption = find_encryption(caller, "introspection", dependencies.clients)
    payload = {
        "iss": dependencies.issuer,
        "aud": caller.client_id,
        "iat": to_epoch_seconds(now),
        "token_introspection": introspection.members,
    }
    alg = caller.options.introspection_signed_response_alg or caller.id_token_signed_response_alg
    signed = dependencies.signer.sign(payload, alg, TYPE)
    return signed if encryption is None else encryption.encrypt(signed)


def is_signed_answer_wanted(caller: Client, accept_header: str | None) -> bool:
    """Whether the caller gets a JWT: it asks for one, or is registered for them and does not ask for plain JSON.

    Source:   RFC 9701 §4, §6; RFC 9110 §12.5.1.
    Stricter: a caller that is registered for encrypted answers gets no other, whatever it accepts.
    """
    if caller.options.introspection_encrypted_response_alg is not None:
        return True
    wanted = {_media_type(item) for item in (accept_header or "").split(",")}
    if MEDIA_TYPE in wanted:
        return True
    return caller.options.introspection_signed_response_alg is not None and "application/json" not in wanted


def _media_type(item: str) -> str:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    return "" if any(parameter in ("q=0", "q=0.0", "q=0.00", "q=0.000") for parameter in parameters) else name


def _visible_audience(live: LiveAccessToken, caller: Client, issuer: str) -> tuple[str, ...]:
    """Whom the caller may know the token to be for; empty if it may not know the token."""
    if live.grant.client_id == caller.client_id:
        return live.audience or (issuer + USERINFO_PATH,)
    # One resource server is not told which others there are.
    return tuple(resource for resource in live.audience if resource in caller.options.protected_resources)


def _visible_details(live: LiveAccessToken, caller: Client, audience: tuple[str, ...]) -> list[dict[str, Any]]:
    if live.grant.client_id != caller.client_id:
        return details_for(live.authorization_details, audience)
    return [] if live.authorization_details is None else live.authorization_details.to_list()


def _describe(
    live: LiveAccessToken, audience: tuple[str, ...], dependencies: IntrospectionDependencies, now: datetime
) -> dict[str, Any]:
    grant, issuer = live.grant, dependencies.issuer
    members: dict[str, Any] = {
        "active": True,
        "iss": issuer,
        "client_id": grant.client_id,
        "sub": grant.sub,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "scope": " ".join(live.scope),
        "exp": to_epoch_seconds(live.expires_at),
        "auth_time": to_epoch_seconds(grant.auth_time),
        "acr": acr_of_now(
            grant.acr,
            newest_status_of_grant(grant, dependencies.statuses, dependencies.status_max_age_seconds, now),
            issuer,
            now,
            dependencies.status_max_age_seconds,
        ),
        "token_type": "Bearer",
    }
    if live.confirmation is not None:
        members["cnf"] = live.confirmation.to_claim()
        if live.confirmation.jkt is not None:
            members["token_type"] = "DPoP"
    return members
