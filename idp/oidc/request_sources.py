"""Where the parameters of an authorization request come from: the browser's address, or the client itself.

Implements RFC 9101 §5 and §6.3 (of a request by value or by reference nothing counts but what is inside), RFC 9126 §3,
§4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from idp.oidc.authorization_details import DetailsType
from idp.oidc.client import Client
from idp.oidc.client_profile import must_push, must_sign_requests
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientStore, JweDecrypter, OnceStore, PushedRequestStore
from idp.oidc.pushed_request import REQUEST_URI_PREFIX, take_pushed_request
from idp.oidc.received_request import ReceivedRequest
from idp.oidc.request_object import verify_request_object


@dataclass(frozen=True, slots=True)
class RequestSources:
    """What requests are received with.

    ``decrypter`` is None where the provider has no keys to encrypt to; ``details_types`` are those that the operator
    declared (RFC 9396); ``require_pushed_authorization_requests`` is the
    setting for all clients.
    """

    issuer: str
    clients: ClientStore
    pushed: PushedRequestStore
    once: OnceStore
    decrypter: JweDecrypter | None = None
    details_types: Mapping[str, DetailsType] = field(default_factory=dict)
    require_pushed_authorization_requests: bool = False


def receive_request(parameters: Parameters, sources: RequestSources, now: datetime) -> ReceivedRequest:
    """Establish which parameters the request has.

    Returns: those that came, those that were signed, or those that were pushed; nothing of the one is added to another.
    Raises:  OAuthError invalid_request: a parameter on which this depends is there twice, or there are two requests;
             unauthorized_client, invalid_request_object, invalid_request_uri. All are for a page: nobody has said yet
             where an answer may go.
    Effect:  a pushed request is spent, and so is the ``jti`` of a signed one.
    Source:  RFC 9101 §5, §6.3; RFC 9126 §4.
    Omitted: any other ``request_uri``; it is left in place for ``CHECKS`` to refuse. What a stranger writes into a link
             is not fetched.
    """
    for name in ("client_id", "request", "request_uri"):
        if parameters.count(name) > 1:
            raise OAuthError(ErrorCode.INVALID_REQUEST, f"{name} is given more than once.", detail=f"twice: {name}")
    request_uri, request = parameters.get("request_uri"), parameters.get("request")
    if request_uri is not None and request is not None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "request and request_uri exclude each other.", detail="two requests"
        )
    if request is not None:
        return open_request_object(request, parameters, _get_client(parameters, sources), sources, now)
    if request_uri is None or not request_uri.startswith(REQUEST_URI_PREFIX):
        return ReceivedRequest(parameters)
    return take_pushed_request(request_uri, parameters.get("client_id") or "", sources.pushed, now)


def open_request_object(
    unverified_object: str,
    outside: Parameters,
    client: Client,
    sources: RequestSources,
    now: datetime,
    *,
    is_pushed: bool = False,
) -> ReceivedRequest:
    """The request that a client has signed; see ``verify_request_object``."""
    parameters = verify_request_object(
        unverified_object,
        client,
        sources.clients,
        sources.once,
        sources.decrypter,
        issuer=sources.issuer,
        outside=outside,
        now=now,
    )
    return ReceivedRequest(parameters, is_pushed=is_pushed, is_signed=True)


def check_received(received: ReceivedRequest, client: Client, sources: RequestSources) -> None:
    """Refuse a request that came another way than this client's requests have to come.

    Raises: OAuthError invalid_request.
    Source: RFC 9126 §5, §6 (require_pushed_authorization_requests); RFC 9101 §10.5 (require_signed_request_object);
            FAPI 2.0 §5.3.2.2 (F17).
    """
    if (sources.require_pushed_authorization_requests or must_push(client)) and not received.is_pushed:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "The request must be pushed (RFC 9126).", detail="not pushed, but required"
        )
    if must_sign_requests(client) and not received.is_signed:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "The request must be signed (RFC 9101).", detail="not signed, but required"
        )


def _get_client(parameters: Parameters, sources: RequestSources) -> Client:
    client_id = parameters.get("client_id")
    if client_id is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "client_id is required.", detail="no client_id")
    client = sources.clients.find_client(client_id)
    if client is None:
        raise OAuthError(ErrorCode.UNAUTHORIZED_CLIENT, "client_id is not registered.", detail="unknown client_id")
    return client
