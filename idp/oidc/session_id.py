"""``sid``: how a client and this provider name one browser session to each other (Back-Channel Logout §2.1, §2.4)."""

import hmac
from typing import Final

from idp.identifiers import encode_base64url

_CONTEXT: Final = b"mynumber-idp/v1/sid\x00"


def session_id(origin_hash: bytes, client_id: str) -> str:
    """The ``sid`` of a browser session at one client.

    Takes:   origin_hash, ``BrowserSession.origin_hash``, 32 bytes that no cookie and no client ever has.
    Returns: 43 base64url characters: HMAC-SHA-256 of the client's id under the origin.
    Why:     derived, so that every sign-in of a client in one session gives the same value, that a grant alone tells
             it, and that an ordinary sign-in pays no statement for it. Another value at each client, so that clients
             cannot put together who is signed in where (OIDC Core §8.1 keeps ``sub`` apart for that), and none from
             which the session's own hash follows.
    """
    return encode_base64url(hmac.digest(origin_hash, _CONTEXT + client_id.encode("utf-8"), "sha256"))
