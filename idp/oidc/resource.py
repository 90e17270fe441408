"""Resource indicators: for which resource servers a client wants a token, and which of them it gets (RFC 8707)."""

from typing import Final

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.parameters import Parameters

RESOURCE: Final = "resource"
# A token for many is good at each of them for what was meant for another (RFC 8707 §3).
MAXIMUM_RESOURCES: Final = 4


def check_resource(parameters: Parameters, client: Client) -> None:
    """RFC 8707 §2.1: what a client may ask tokens for, the operator has said at its registration."""
    for resource in _asked(parameters):
        if resource not in client.options.resources:
            raise _refusal("resource is not one that this client may ask tokens for.")


def read_resources(parameters: Parameters) -> tuple[str, ...]:
    """The resources of an authorization request that ``check_resource`` has seen; empty for userinfo alone."""
    return _asked(parameters)


def choose_audience(parameters: Parameters, client: Client, grant: Grant) -> tuple[str, ...]:
    """For whom an access token is that is issued under a grant.

    Returns: resources; empty for userinfo, as is every token of a grant without resources.
    Raises:  OAuthError invalid_target: more than the grant's resources, or one that the client has lost since.
    Source:  RFC 8707 §2.2: none named means all that were granted.
    """
    asked = _asked(parameters) or grant.resources
    if not set(asked) <= set(grant.resources):
        raise _refusal("resource is not one of those in the authorization request.")
    if not set(asked) <= set(client.options.resources):
        raise _refusal("resource is not one that this client may ask tokens for.")
    return asked


def _asked(parameters: Parameters) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(parameters.get_all(RESOURCE)))
    if len(asked) > MAXIMUM_RESOURCES:
        raise _refusal(f"resource is given more than {MAXIMUM_RESOURCES} times.")
    return asked


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_TARGET, description, detail=description)
