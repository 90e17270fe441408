"""The token endpoint: a code or a refresh token in, tokens out (RFC 6749 §3.2, §4.1.3, §6; OIDC Core §3.1.3)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.identifiers import Randomness
from idp.oidc.access_token import IssuedAccessToken, issue_access_token
from idp.oidc.authorization_code import redeem_code
from idp.oidc.claims_ports import ReleasedClaimsReader
from idp.oidc.client import Client
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.id_token import issue_id_token
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientStore, GrantStore, GrantWriter, IdTokenSigner, OnceStore
from idp.oidc.refresh_token import RefreshedGrant, issue_refresh_token, may_refresh, redeem_refresh_token


@dataclass(frozen=True, slots=True)
class TokenDependencies:
    """What the token endpoint is made of.

    ``endpoint_url`` is its own address, for client assertions; ``status_max_age_seconds`` how old the known status of a
    certificate may be for ``acr`` to imply it, None where any may.
    """

    issuer: str
    endpoint_url: str
    clients: ClientStore
    grants: GrantStore
    once: OnceStore
    signer: IdTokenSigner
    access_token_seconds: int
    id_token_seconds: int
    refresh_token_seconds: int
    refresh_grace_seconds: int
    is_sandbox: bool
    status_max_age_seconds: int | None = None
    randomness: Randomness = secrets.token_bytes
    released: ReleasedClaimsReader | None = None


@dataclass(frozen=True, slots=True)
class _IssuedTokens:
    grant: Grant
    access_token: IssuedAccessToken
    refresh_token: str | None
    is_refreshed: bool


def answer_token_request(
    parameters: Parameters, authorization_header: str | None, dependencies: TokenDependencies, now: datetime
) -> dict[str, Any]:
    """Exchange a code or a refresh token for tokens.

    Takes:   parameters of the body alone (a credential in the query never counts); the Authorization header as it came.
    Returns: the members of the JSON answer, to be sent with ``Cache-Control: no-store``.
    Raises:  OAuthError: invalid_request, invalid_client, unauthorized_client, unsupported_grant_type, invalid_grant,
             invalid_scope.
    Effect:  one durable transaction; a refusal that revokes something is committed before it is raised.
    Source:  RFC 6749 §5.1, §5.2; OIDC Core §3.1.3.3, §12.2.
    """
    # 1 One reading of the request (RFC 6749 §3.2).
    parameters.check_unique()
    # 2 Who asks, before anything is said about what was asked for (RFC 6749 §3.2.1).
    client = authenticate_client(
        parameters,
        authorization_header,
        dependencies.clients,
        dependencies.once,
        issuer=dependencies.issuer,
        endpoint_url=dependencies.endpoint_url,
        now=now,
    )
    # 3 What for: a grant type we have and this client is registered for.
    grant_type = _get_grant_type(parameters, client)
    # 4 Spend what was presented and record what it is exchanged for, together.
    with dependencies.grants.writing() as writer:
        issued = _exchange(grant_type, parameters, client, writer, dependencies, now)
    # 5 Only now refuse: the code stays spent, the revoked grant revoked.
    if isinstance(issued, OAuthError):
        raise issued
    # 6 Sign outside the transaction: nobody waits for a database lock while we do arithmetic.
    return _answer(issued, client, dependencies, now)


def _get_grant_type(parameters: Parameters, client: Client) -> str:
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "grant_type is required.", detail="no grant_type")
    if grant_type not in ("authorization_code", "refresh_token"):
        raise OAuthError(
            ErrorCode.UNSUPPORTED_GRANT_TYPE,
            "grant_type must be authorization_code or refresh_token.",
            detail="unsupported grant_type",
        )
    if grant_type not in client.grant_types:
        raise OAuthError(
            ErrorCode.UNAUTHORIZED_CLIENT,
            "This client is not registered for this grant_type.",
            detail=f"{grant_type} is not in grant_types",
        )
    return grant_type


def _exchange(
    grant_type: str,
    parameters: Parameters,
    client: Client,
    writer: GrantWriter,
    dependencies: TokenDependencies,
    now: datetime,
) -> _IssuedTokens | OAuthError:
    refreshed: RefreshedGrant | OAuthError
    if grant_type == "authorization_code":
        redeemed = redeem_code(parameters, client, writer, now)
        if isinstance(redeemed, OAuthError):
            return redeemed
        refreshed = RefreshedGrant(redeemed, redeemed.scope, redeemed.scope)
    else:
        refreshed = redeem_refresh_token(
            parameters, client, writer, now=now, grace_seconds=dependencies.refresh_grace_seconds
        )
        if isinstance(refreshed, OAuthError):
            return refreshed
    access_token = issue_access_token(
        refreshed.grant.grant_id,
        refreshed.scope,
        writer,
        now=now,
        lifetime_seconds=dependencies.access_token_seconds,
        randomness=dependencies.randomness,
    )
    refresh_token = None
    if may_refresh(client, refreshed.refresh_scope):
        refresh_token = issue_refresh_token(
            refreshed.grant,
            refreshed.refresh_scope,
            writer,
            now=now,
            lifetime_seconds=dependencies.refresh_token_seconds,
            randomness=dependencies.randomness,
        )
    return _IssuedTokens(refreshed.grant, access_token, refresh_token, grant_type == "refresh_token")


def _answer(issued: _IssuedTokens, client: Client, dependencies: TokenDependencies, now: datetime) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "access_token": issued.access_token.token,
        "token_type": "Bearer",
        "expires_in": issued.access_token.lifetime_seconds,
        "scope": " ".join(issued.access_token.scope),
    }
    if issued.refresh_token is not None:
        answer["refresh_token"] = issued.refresh_token
    if issued.grant.authorization_details is not None:
        # RFC 9396 §7: the details as granted, with every token of the grant.
        answer["authorization_details"] = issued.grant.authorization_details.to_list()
    # A refresh that gave up openid gets no statement about the person (OIDC Core §3.1.3.3, §12.2).
    if "openid" in issued.access_token.scope:
        answer["id_token"] = issue_id_token(
            issued.grant,
            client,
            dependencies.signer,
            issuer=dependencies.issuer,
            access_token=issued.access_token.token,
            now=now,
            lifetime_seconds=dependencies.id_token_seconds,
            sandbox=dependencies.is_sandbox,
            is_refreshed=issued.is_refreshed,
            released_claims=_find_id_token_claims(issued, dependencies),
            status_max_age_seconds=dependencies.status_max_age_seconds,
        )
    return answer


def _find_id_token_claims(issued: _IssuedTokens, dependencies: TokenDependencies) -> dict[str, Any] | None:
    # Told once, for the code; a refresh says nothing new about the person.
    if dependencies.released is None or issued.is_refreshed:
        return None
    released = dependencies.released.find_released_claims(issued.grant.grant_id)
    return None if released is None else released.id_token
