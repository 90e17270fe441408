"""The pushed authorization request endpoint: a client says in advance, authenticated, what it will ask for.

Implements RFC 9126 §2.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from idp.assurance.claims_policy import ClaimsPolicy
from idp.oidc.authorization_request import parse_authorization_request
from idp.oidc.client import Client
from idp.oidc.client_authentication import authenticate_client
from idp.oidc.dpop import verify_pushed_key
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientAdmission, ClientStore, IdTokenHintVerifier, OnceStore
from idp.oidc.pushed_request import keep_pushed_request
from idp.oidc.received_request import ReceivedRequest, encode_parameters
from idp.oidc.redirect_uri import verify_redirect_uri
from idp.oidc.request_sources import RequestSources, check_received, open_request_object
from idp.oidc.sender import Sender

_CREDENTIALS: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


@dataclass(frozen=True, slots=True)
class PushedRequestDependencies:
    """What the endpoint is made of; ``endpoint_url`` is its own address, for client assertions."""

    issuer: str
    endpoint_url: str
    clients: ClientStore
    once: OnceStore
    sources: RequestSources
    id_token_hints: IdTokenHintVerifier
    claims_policy: ClaimsPolicy | None
    lifetime: timedelta


def answer_pushed_request(
    parameters: Parameters,
    authorization_header: str | None,
    dependencies: PushedRequestDependencies,
    now: datetime,
    sender: Sender | None = None,
    admission: ClientAdmission | None = None,
) -> dict[str, Any]:
    """Check a request as the authorization endpoint would, and keep it.

    Takes:    parameters of the body alone; sender, what the request carries to show who sent it: a DPoP proof binds the
              code to its key; admission, where it is counted against its client.
    Returns:  ``request_uri`` and ``expires_in``, for a 201.
    Raises:   OAuthError invalid_client, and every code that the authorization endpoint has for a request.
    Effect:   the request is kept for the one visit to ``/authorize`` that names it.
    Source:   RFC 9126 §2.1 (no request_uri; the same checks), §2.2, §2.3, §3; RFC 9449 §10.1; F12, F16, F18, F20, F26.
    Stricter: a client assertion's audience is the issuer or this endpoint, never the token endpoint, which §2 of the
              RFC still allows (draft-ietf-oauth-security-topics-update: audience injection; U2).
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
        certificate=None if sender is None else sender.certificate,
        admission=admission,
    )
    if parameters.get("request_uri") is not None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "request_uri must not be pushed.", detail="request_uri in a pushed request"
        )
    received = _receive(parameters, client, dependencies, now)
    _check(received, client, dependencies)
    received = _bind(received, sender, now)
    request_uri = keep_pushed_request(
        received, client.client_id, dependencies.sources.pushed, now + dependencies.lifetime, now
    )
    return {"request_uri": request_uri, "expires_in": int(dependencies.lifetime.total_seconds())}


def _receive(
    parameters: Parameters, client: Client, dependencies: PushedRequestDependencies, now: datetime
) -> ReceivedRequest:
    request = parameters.get("request")
    if request is not None:
        # RFC 9126 §3: beside a request object the body has nothing but the client's credentials that counts.
        return open_request_object(request, parameters, client, dependencies.sources, now, is_pushed=True)
    return ReceivedRequest(_without_credentials(parameters, client), is_pushed=True)


def _bind(received: ReceivedRequest, sender: Sender | None, now: datetime) -> ReceivedRequest:
    if sender is None or sender.proof is None:
        return received
    asked = received.parameters
    jkt = verify_pushed_key(asked.get("dpop_jkt"), sender.proof, sender.proofs, now)
    others = [pair for pair in asked.pairs if pair[0] != "dpop_jkt"]
    return replace(received, parameters=encode_parameters([*others, ("dpop_jkt", jkt or "")]))


def _without_credentials(parameters: Parameters, client: Client) -> Parameters:
    # A client that authenticates by header may leave its client_id out of the body.
    own = [pair for pair in parameters.pairs if pair[0] not in _CREDENTIALS and pair[0] != "client_id"]
    return encode_parameters([("client_id", client.client_id), *own])


def _check(received: ReceivedRequest, client: Client, dependencies: PushedRequestDependencies) -> None:
    asked = received.parameters
    check_received(received, client, dependencies.sources)
    redirect = verify_redirect_uri(
        client,
        asked.get("redirect_uri"),
        asked.get("state"),
        asked.get("response_mode"),
        dependencies.sources.clients,
    )
    try:
        parse_authorization_request(
            asked,
            client,
            redirect,
            id_token_hints=dependencies.id_token_hints,
            claims_policy=dependencies.claims_policy,
            details_types=dependencies.sources.details_types,
        )
    except AuthorizationRefused as refused:
        # The client itself is asking, so it is told here and no browser is sent anywhere.
        raise refused.error from refused
