"""Where the parameters of an authorization request come from: the browser's address, or the client itself.

Implements RFC 9101 §5 and §6.3 (of a request by reference nothing but what is referred to counts), RFC 9126 §4.
"""

from dataclasses import dataclass
from datetime import datetime

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import PushedRequestStore
from idp.oidc.pushed_request import REQUEST_URI_PREFIX, take_pushed_request
from idp.oidc.received_request import ReceivedRequest


@dataclass(frozen=True, slots=True)
class RequestSources:
    """What requests are received with; ``require_pushed_authorization_requests`` is the setting for all clients."""

    pushed: PushedRequestStore
    require_pushed_authorization_requests: bool = False


def receive_request(parameters: Parameters, sources: RequestSources, now: datetime) -> ReceivedRequest:
    """Establish which parameters the request has.

    Returns: those that came, or those that were pushed; nothing of the one is added to the other.
    Raises:  OAuthError invalid_request: a parameter on which this depends is there twice; invalid_request_uri. Both are
             for a page: nobody has said yet where an answer may go.
    Effect:  a pushed request is spent.
    Source:  RFC 9101 §5, §6.3; RFC 9126 §4.
    Omitted: any other ``request_uri``; it is left in place for ``CHECKS`` to refuse. What a stranger writes into a link
             is not fetched.
    """
    for name in ("client_id", "request_uri"):
        if parameters.count(name) > 1:
            raise OAuthError(ErrorCode.INVALID_REQUEST, f"{name} is given more than once.", detail=f"twice: {name}")
    request_uri = parameters.get("request_uri")
    if request_uri is None or not request_uri.startswith(REQUEST_URI_PREFIX):
        return ReceivedRequest(parameters)
    return take_pushed_request(request_uri, parameters.get("client_id") or "", sources.pushed, now)


def check_received(received: ReceivedRequest, client: Client, sources: RequestSources) -> None:
    """Refuse a request that came another way than this client's requests have to come.

    Raises: OAuthError invalid_request.
    Source: RFC 9126 §5, §6 (require_pushed_authorization_requests).
    """
    is_required = sources.require_pushed_authorization_requests or client.options.require_pushed_authorization_requests
    if is_required and not received.is_pushed:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "The request must be pushed (RFC 9126).", detail="not pushed, but required"
        )
