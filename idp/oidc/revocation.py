"""The revocation endpoint: a client says that it no longer needs a token (RFC 7009)."""

from dataclasses import dataclass
from datetime import datetime

from idp.audit import AuditEvent, AuditRecord
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.client_certificate import PresentedCertificate
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.jwt_access_token import find_token_hash
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientAdmission, ClientStore, GrantStore, GrantWriter, OnceStore, OwnTokenVerifier


@dataclass(frozen=True, slots=True)
class RevocationDependencies:
    """What the revocation endpoint is made of; ``endpoint_url`` is its own address, for client assertions."""

    issuer: str
    endpoint_url: str
    clients: ClientStore
    grants: GrantStore
    once: OnceStore
    own_tokens: OwnTokenVerifier | None = None


def answer_revocation_request(
    parameters: Parameters,
    authorization_header: str | None,
    dependencies: RevocationDependencies,
    now: datetime,
    certificate: PresentedCertificate | None = None,
    admission: ClientAdmission | None = None,
) -> None:
    """End a token of the client that asks: a refresh token with its whole grant, an access token alone.

    Takes:   parameters of the body alone. ``token_type_hint`` is not needed: both kinds are looked for.
             certificate, what the trusted proxy tells of the TLS connection; admission, where it is counted against its
             client.
    Returns: nothing; the answer is 200 with an empty body.
    Raises:  OAuthError invalid_request, invalid_client.
    Effect:  none for an unknown token, nor for another client's: answering either differently would tell one client
             about another's tokens, and in both cases nothing is left that the asking client could use.
    Source:  RFC 7009 §2.1, §2.2.
    """
    parameters.check_unique()
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
    token = parameters.get("token")
    if token is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "token is required.", detail="no token")
    token_hash = find_token_hash(token, dependencies.own_tokens)
    if token_hash is None:
        return
    with dependencies.grants.writing() as writer:
        _revoke(token_hash, client.client_id, writer, now)


def _revoke(token_hash: bytes, client_id: str, writer: GrantWriter, now: datetime) -> None:
    stored = writer.find_refresh_token(token_hash, client_id)
    if stored is not None:
        if writer.revoke_grant(stored.grant.grant_id, now):
            _append_audit(stored.grant, "refresh_token", writer, now)
        return
    grant = writer.find_access_token_grant(token_hash, client_id)
    if grant is not None:
        writer.delete_access_token(token_hash)
        _append_audit(grant, "access_token", writer, now)


def _append_audit(grant: Grant, outcome: str, writer: GrantWriter, now: datetime) -> None:
    writer.append_audit(
        AuditRecord(
            AuditEvent.TOKEN_REVOKED,
            now,
            account_id=grant.account_id,
            client_id=grant.client_id,
            txn=grant.txn,
            outcome=outcome,
        )
    )
