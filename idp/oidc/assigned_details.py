"""Which of a grant's details an access token carries, and which of them a resource server is told.

Implements RFC 9396 §6, §7, §9. What the person agreed to is the bound; details are taken whole, for nobody but the
type's author could say which of two objects allows less (§6.1).
"""

from typing import Any, Final

from idp.oidc.authorization_details import LIMITS, AuthorizationDetails
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.parameters import Parameters
from idp.strict_json import NotJson, read_json

_LOCATIONS: Final = "locations"


def choose_details(parameters: Parameters, client: Client, grant: Grant) -> AuthorizationDetails | None:
    """The details of an access token that is issued under a grant.

    Takes:   parameters of the token request; those that it names in ``authorization_details`` are taken, or all.
    Returns: None where the grant has none at all; without those of types that the client has lost since.
    Raises:  OAuthError invalid_authorization_details: one that is not, as it is written, among the grant's. The caller
             lets it leave the transaction, so that nothing is spent.
    Source:  RFC 9396 §6, §6.1, §7.
    """
    granted = [] if grant.authorization_details is None else grant.authorization_details.to_list()
    types = client.options.authorization_details_types
    left = [detail for detail in granted if detail["type"] in types]
    text = parameters.get("authorization_details")
    if text is not None:
        asked = _read(text)
        if any(detail not in left for detail in asked):
            raise _refusal("one that was not granted")
        left = [detail for detail in left if detail in asked]
    return None if grant.authorization_details is None else AuthorizationDetails.from_list(left)


def details_for(details: AuthorizationDetails | None, audience: tuple[str, ...]) -> list[dict[str, Any]]:
    """What resource servers are told of a token's details.

    Takes:   audience, the addresses of those that will read it.
    Returns: the details that name one of these among their ``locations``, and those that name no location.
    Source:  RFC 9396 §2.2 (locations), §9.1 (filtered to the specific audience), §9.2.
    """
    told = [] if details is None else details.to_list()
    return [detail for detail in told if _LOCATIONS not in detail or set(audience) & set(_texts(detail[_LOCATIONS]))]


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _read(unverified_text: str) -> list[Any]:
    try:
        asked = read_json(unverified_text.encode("utf-8"), LIMITS)
    except (NotJson, UnicodeEncodeError) as error:
        raise _refusal("not JSON that can be read") from error
    if not isinstance(asked, list) or not asked:
        raise _refusal("not a list of objects")
    return asked


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_AUTHORIZATION_DETAILS,
        "authorization_details has one that was not granted.",
        detail=f"authorization_details: {detail}",
    )
