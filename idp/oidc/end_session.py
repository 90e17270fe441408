"""The logout request of a client: who asks, about which session, and where the person may go afterwards.

Implements RP-Initiated Logout 1.0 §2, §3 and §4.
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from idp.keys.errors import NotOurToken
from idp.oidc.authorization_request import parse_ui_locales
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientStore, IdTokenHintVerifier

END_SESSION_PATH: Final = "/end-session"


@dataclass(frozen=True, slots=True)
class VerifiedLogoutTarget:
    """An address that the client registered for the time after a logout, with the ``state`` to give back.

    Made by ``verify_logout_target`` only.
    """

    uri: str
    state: str | None

    @property
    def is_web(self) -> bool:
        """Whether a browser shows what is there, and not an application of the device (RFC 8252 §7.1)."""
        return self.uri.startswith(("https://", "http://"))

    @property
    def location(self) -> str:
        """Where the browser goes (RP-Initiated Logout §3)."""
        if self.state is None:
            return self.uri
        separator = "&" if "?" in self.uri else "?"
        return f"{self.uri}{separator}state={quote(self.state, safe='')}"


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What a client asks, every part of it checked.

    ``client`` is None where nobody said who asks. ``hint_sid`` is the ``sid`` of an ID token that we signed for this
    client, None without a hint; only a hint proves that the client ever dealt with a session here.
    """

    client: Client | None
    has_hint: bool
    hint_sid: str | None
    target: VerifiedLogoutTarget | None
    ui_locales: tuple[str, ...]


def parse_logout_request(
    parameters: Parameters, clients: ClientStore, hints: IdTokenHintVerifier, issuer: str
) -> LogoutRequest:
    """Establish that the request is well-formed and leads nowhere that its client did not register.

    Raises:   OAuthError: a parameter twice, an unknown client, an id_token_hint that is not ours or another client's,
              an unregistered post_logout_redirect_uri. There is nowhere to send it: a page.
    Source:   RP-Initiated Logout §2, §4: a hint may be long expired, for it says which session is meant, not that it
              lives.
    Stricter: an invalid hint is refused also beside a client_id, where the standard lets us go on without it.
    Omitted:  logout_hint is read and has no effect: people have no names here that a client could hint at.
    """
    parameters.check_unique()
    hint = parameters.get("id_token_hint")
    payload = None if hint is None else _verify_hint(hint, hints, issuer)
    client = _find_client(parameters.get("client_id"), payload, clients)
    sid = None if payload is None else payload.get("sid")
    return LogoutRequest(
        client=client,
        has_hint=payload is not None,
        hint_sid=sid if isinstance(sid, str) else None,
        target=_find_target(parameters, client),
        ui_locales=parse_ui_locales(parameters.get("ui_locales") or ""),
    )


def verify_logout_target(client: Client, unverified_uri: str, state: str | None) -> VerifiedLogoutTarget:
    """Establish that the browser may be sent to this address once its person is signed out.

    Raises: OAuthError invalid_request: not registered, character by character, by this client.
    Source: RP-Initiated Logout §3.
    """
    if unverified_uri not in client.post_logout_redirect_uris:
        count = len(client.post_logout_redirect_uris)
        raise _refusal(f"post_logout_redirect_uri is none of the {count} registered ones")
    return VerifiedLogoutTarget(unverified_uri, state)


def _verify_hint(unverified_hint: str, hints: IdTokenHintVerifier, issuer: str) -> dict[str, Any]:
    try:
        payload = hints.verify_own(unverified_hint)
    except NotOurToken as error:
        raise _refusal("id_token_hint was not signed by this provider") from error
    if payload.get("iss") != issuer or not isinstance(payload.get("aud"), str):
        raise _refusal("id_token_hint is no ID token of this issuer")
    return payload


def _find_client(client_id: str | None, payload: dict[str, Any] | None, clients: ClientStore) -> Client | None:
    hinted_id = None if payload is None else str(payload["aud"])
    if client_id is not None and hinted_id is not None and client_id != hinted_id:
        raise _refusal("id_token_hint is for another client than client_id")
    named = hinted_id or client_id
    if named is None:
        return None
    client = clients.find_client(named)
    if client is None:
        raise OAuthError(ErrorCode.UNAUTHORIZED_CLIENT, "The client is not registered.", detail="unknown client_id")
    return client


def _find_target(parameters: Parameters, client: Client | None) -> VerifiedLogoutTarget | None:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None:
        raise _refusal("post_logout_redirect_uri without id_token_hint and client_id")
    return verify_logout_target(client, uri, parameters.get("state"))


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, "The logout request is not valid.", detail=detail)
