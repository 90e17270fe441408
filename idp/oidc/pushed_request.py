"""Pushed authorization requests at rest: kept under a reference that one client can use, once.

Implements RFC 9126 §2.2, §4, §7.
"""

import hashlib
import json
from datetime import datetime
from typing import Final

from idp.identifiers import encode_base64url, new_identifier
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.ports import PushedRequestStore
from idp.oidc.received_request import ReceivedRequest

# RFC 9126 §2.2: whatever begins so was given out here, or is to be taken for it.
REQUEST_URI_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
_KIND: Final = "pushed-request"


def keep_pushed_request(
    received: ReceivedRequest, client_id: str, store: PushedRequestStore, expires_at: datetime, now: datetime
) -> str:
    """Keep a request for the browser that the client sends here next.

    Returns: its ``request_uri``, 256 random bits after the prefix.
    Source:  RFC 9126 §2.2, §7.1 (cannot be guessed).
    """
    request_uri = REQUEST_URI_PREFIX + new_identifier()
    store.insert(_KIND, _key(client_id, request_uri), received.to_json(), expires_at, now)
    return request_uri


def take_pushed_request(
    unverified_request_uri: str, unverified_client_id: str, store: PushedRequestStore, now: datetime
) -> ReceivedRequest:
    """Spend a pushed request for the client that pushed it, in one statement.

    Raises:   OAuthError invalid_request_uri: invented, expired, taken before, or another client's; nothing tells which.
    Source:   RFC 9126 §4, §7.3 (one use), §2.2 (bound to the client).
    Stricter: the first arrival at ``/authorize`` spends it, not the end of the sign-in. A reload of the sign-in's own
              page goes on with the cookie, so a person gets nowhere by a second arrival; a thief of the link would.
    """
    record = store.take(_KIND, _key(unverified_client_id, unverified_request_uri), now)
    if record is None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST_URI, "request_uri is unknown, spent or expired.", detail="no such pushed request"
        )
    return ReceivedRequest.from_json(record.value)


def _key(client_id: str, request_uri: str) -> str:
    # The client is part of the key: who presents another's reference neither gets nor spends what is behind it.
    text = json.dumps([client_id, request_uri]).encode("ascii")
    return encode_base64url(hashlib.sha256(text).digest())
