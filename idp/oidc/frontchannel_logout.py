"""The frames in which a browser tells clients that its session here has ended: Front-Channel Logout 1.0."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from idp.oidc.client import Client
from idp.oidc.session_id import session_id

# Each is a connection and a document in the person's browser, and clients that register themselves cost nothing. A
# session has a handful of services; the rest of a crowd hears of it over the back channel.
MAXIMUM_FRAMES: Final = 20
# All of them stand in one header line, and common proxies give all of an answer's headers 4 KiB.
MAXIMUM_ORIGINS_CHARACTERS: Final = 2000
# Scheme, a name of the DNS (RFC 1035 §2.3.4) and a port.
MAXIMUM_ORIGIN_CHARACTERS: Final = 8 + 253 + 6
# What a source of the policy can be: no IPv6 literal is among it (CSP Level 3 §2.3.1).
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class LogoutFrame:
    """What one frame loads, and the origin that the page's policy names for it. Made by ``logout_frames`` only."""

    src: str
    origin: str


def logout_frames(clients: Iterable[Client], origin_hash: bytes, issuer: str) -> tuple[LogoutFrame, ...]:
    """The frames for the clients of one session, in their order.

    Takes:    clients, those that the session reached; origin_hash, the session's.
    Returns:  at most twenty, their origins at most 2,000 characters together; ``iss`` and ``sid`` always, so that one
              form serves clients that require them and clients that do not, and ``sid`` as in the client's ID tokens.
    Source:   Front-Channel Logout §2 (a query is retained; both parameters or none), §3.
    Stricter: nothing on this provider's own origin is framed: it would be as good as a page of ours.
    """
    own = web_origin(issuer)
    frames: list[LogoutFrame] = []
    room = MAXIMUM_ORIGINS_CHARACTERS
    for client in clients:
        uri = client.options.frontchannel_logout_uri
        if uri is None or len(frames) == MAXIMUM_FRAMES:
            continue
        origin = web_origin(uri)
        if origin is None or origin == own or len(origin) > room:
            continue
        room -= len(origin)
        frames.append(LogoutFrame(_address(uri, issuer, session_id(origin_hash, client.client_id)), origin))
    return tuple(frames)


def web_origin(uri: str) -> str | None:
    """The origin of a web address, put together from its parts, without the port that its scheme implies.

    Returns: None for what has no origin that a content security policy could name.
    Source:  RFC 6454 §6.2.
    """
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or host is None or _HOST.fullmatch(host) is None:
        return None
    return f"{parts.scheme}://{host}" if port in (None, _PORTS[parts.scheme]) else f"{parts.scheme}://{host}:{port}"


def _address(uri: str, issuer: str, sid: str) -> str:
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}iss={quote(issuer, safe='')}&sid={quote(sid, safe='')}"
