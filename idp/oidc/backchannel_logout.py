"""The logout token: that a session of a person has ended, told to one client (Back-Channel Logout §2.4)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from idp.clock import to_epoch_seconds
from idp.identifiers import Randomness, new_identifier
from idp.oidc.client import Client
from idp.oidc.encrypted_answer import find_encryption
from idp.oidc.ports import ClientKeySource

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
# Another type than an ID token's, so that neither is ever taken for the other (RFC 8725 §3.11).
LOGOUT_TOKEN_TYPE: Final = "logout+jwt"
LIFETIME: Final = timedelta(minutes=2)


class LogoutTokenSigner(Protocol):
    """The provider's signing keys, as logout sees them."""

    def sign(self, payload: Mapping[str, Any], alg: str, typ: str = ...) -> str:
        """A compact JWS of the claims under the present key for ``alg``; ``keys.errors.NoSigningKey`` without one."""
        ...


def issue_logout_token(
    client: Client,
    signer: LogoutTokenSigner,
    keys: ClientKeySource,
    *,
    issuer: str,
    sub: str,
    sid: str,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> str:
    """Say that the session that this client knows as ``sid`` has ended.

    Takes:   sub and sid, by which this very client knows person and session.
    Returns: a compact JWS in the client's registered ID token algorithm, good for two minutes: each try of a delivery
             makes its own, so a captured one is soon worthless. Never a nonce, so that it is no ID token. Nested in a
             JWE, with the issuer outside too, where the client has its ID tokens encrypted.
    Raises:  NoEncryptionKey.
    Source:  Back-Channel Logout §2.4, §2.6 (a client refuses one that is not encrypted as its ID tokens are), §4 (at
             most two minutes); RFC 8417 §2.2 (events).
    """
    encryption = find_encryption(client, "id_token", keys)
    payload = {
        "iss": issuer,
        "aud": client.client_id,
        "iat": to_epoch_seconds(now),
        "exp": to_epoch_seconds(now + LIFETIME),
        "jti": new_identifier(randomness),
        "events": {LOGOUT_EVENT: {}},
        "sub": sub,
        "sid": sid,
    }
    signed = signer.sign(payload, client.id_token_signed_response_alg, LOGOUT_TOKEN_TYPE)
    return signed if encryption is None else encryption.encrypt(signed, issuer=issuer)
