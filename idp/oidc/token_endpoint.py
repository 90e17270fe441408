"""The token endpoint: a code or a refresh token in, tokens out (RFC 6749 §3.2, §4.1.3, §6; OIDC Core §3.1.3)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from idp.oidc.access_token import issue_access_token
from idp.oidc.assigned_details import choose_details
from idp.oidc.authorization_code import redeem_code
from idp.oidc.client import Client
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.client_certificate import PresentedCertificate
from idp.oidc.confirmation import Confirmation
from idp.oidc.constant_value import tell_constant_nonce
from idp.oidc.dpop import PresentedProof
from idp.oidc.encrypted_answer import find_encryption
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.jwt_access_token import is_jwt_client
from idp.oidc.parameters import Parameters
from idp.oidc.ports import (
    ClientAdmission,
    GrantWriter,
)
from idp.oidc.refresh_token import RefreshedGrant, issue_refresh_token, may_refresh, redeem_refresh_token
from idp.oidc.resource import choose_audience
from idp.oidc.sender import Sender, confirm_sender
from idp.oidc.status_time import newest_status_of_grant
from idp.oidc.token_answer import IssuedTokens, answer_with_tokens
from idp.oidc.token_dependencies import TokenDependencies


def answer_token_request(
    parameters: Parameters,
    authorization_header: str | None,
    dependencies: TokenDependencies,
    now: datetime,
    unverified_proof: str | None = None,
    certificate: PresentedCertificate | None = None,
    admission: ClientAdmission | None = None,
) -> dict[str, Any]:
    """Exchange a code or a refresh token for tokens.

    Takes:   parameters of the body alone (a credential in the query never counts); the Authorization header as it came;
             unverified_proof, the DPoP header, None for none; certificate, what the trusted proxy tells of the TLS
             connection, None for nothing; admission, where the request is counted against its client.
    Returns: the members of the JSON answer, to be sent with ``Cache-Control: no-store``.
    Raises:  OAuthError: invalid_request, invalid_client, unauthorized_client, unsupported_grant_type, invalid_grant,
             invalid_scope, invalid_target, invalid_authorization_details, invalid_dpop_proof, use_dpop_nonce.
             NoEncryptionKey, with nothing spent.
    Effect:  one durable transaction; a refusal that revokes something is committed before it is raised.
    Source:  RFC 6749 §5.1, §5.2; OIDC Core §3.1.3.3, §12.2; RFC 9449 §5; RFC 8707 §2.2; RFC 9068 §3;
             RFC 9396 §6, §7.
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
        certificate=certificate,
        admission=admission,
    )
    # 3 What for: a grant type we have and this client is registered for.
    grant_type = _get_grant_type(parameters, client)
    # 4 What the ID token will be encrypted to: without a key there is no answer, so nothing may be spent for one.
    encryption = find_encryption(client, "id_token", dependencies.clients)
    # 5 Who may use what comes of it (RFC 9449 §5), before anything is spent.
    confirmation = confirm_sender(client, _sender(unverified_proof, certificate, dependencies), now)
    # 6 Spend what was presented and record what it is exchanged for, together.
    with dependencies.grants.writing() as writer:
        issued = _exchange(grant_type, parameters, client, confirmation, writer, dependencies, now)
    # 7 Only now refuse: the code stays spent, the revoked grant revoked.
    if isinstance(issued, OAuthError):
        raise issued
    if issued.spent is not None:
        tell_constant_nonce(issued.spent, dependencies.journal, now)
    # 8 Sign outside the transaction: nobody waits for a database lock while we do arithmetic.
    status_time = newest_status_of_grant(issued.grant, dependencies.statuses, dependencies.status_max_age_seconds, now)
    if status_time != issued.grant.status_time:
        issued = replace(issued, grant=replace(issued.grant, status_time=status_time))
    return answer_with_tokens(issued, client, encryption, dependencies, now)


def _sender(
    unverified_proof: str | None, certificate: PresentedCertificate | None, dependencies: TokenDependencies
) -> Sender:
    proof = None if unverified_proof is None else PresentedProof(unverified_proof, "POST", dependencies.endpoint_url)
    return Sender(proof, dependencies.proofs, certificate)


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
    confirmation: Confirmation | None,
    writer: GrantWriter,
    dependencies: TokenDependencies,
    now: datetime,
) -> IssuedTokens | OAuthError:
    refreshed: RefreshedGrant | OAuthError
    spent = None
    if grant_type == "authorization_code":
        redeemed = redeem_code(parameters, client, writer, now, confirmation)
        if isinstance(redeemed, OAuthError):
            return redeemed
        spent, grant = redeemed, redeemed.grant
        refreshed = RefreshedGrant(grant, grant.scope, grant.scope)
    else:
        refreshed = redeem_refresh_token(
            parameters,
            client,
            writer,
            now=now,
            grace_seconds=dependencies.refresh_grace_seconds,
            lifetime_seconds=dependencies.refresh_token_seconds,
            confirmation=confirmation,
        )
        if isinstance(refreshed, OAuthError):
            return refreshed
    audience = choose_audience(parameters, client, refreshed.grant)
    access_token = issue_access_token(
        refreshed.grant.grant_id,
        refreshed.scope,
        writer,
        now=now,
        lifetime_seconds=dependencies.access_token_seconds,
        randomness=dependencies.randomness,
        confirmation=confirmation,
        audience=audience,
        is_jwt=is_jwt_client(client),
        authorization_details=choose_details(parameters, client, refreshed.grant),
    )
    refresh_token = None
    if may_refresh(client, refreshed.refresh_scope) and not refreshed.is_refresh_token_kept:
        refresh_token = issue_refresh_token(
            refreshed.grant,
            refreshed.refresh_scope,
            writer,
            now=now,
            lifetime_seconds=dependencies.refresh_token_seconds,
            randomness=dependencies.randomness,
            # RFC 9449 §5: a confidential client's is bound to the client already, which may change its key.
            confirmation=confirmation if client.is_public else None,
        )
    return IssuedTokens(refreshed.grant, access_token, confirmation, refresh_token, spent)
