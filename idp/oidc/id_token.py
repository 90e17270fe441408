"""The ID token: what the provider says about a sign-in, to one client (OIDC Core §2, §3.1.3.6)."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from idp.clock import to_epoch_seconds
from idp.keys.errors import NotOurToken
from idp.oidc.acr import without_status
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.grant import Grant
from idp.oidc.ports import IdTokenHintVerifier, IdTokenSigner
from idp.oidc.session_id import session_id


def issue_id_token(
    grant: Grant,
    client: Client,
    signer: IdTokenSigner,
    *,
    issuer: str,
    access_token: str,
    now: datetime,
    lifetime_seconds: int,
    sandbox: bool,
    is_refreshed: bool = False,
    status_max_age_seconds: int | None = None,
    released_claims: Mapping[str, Any] | None = None,
) -> str:
    """Sign what was granted, for the client it was granted to.

    Takes:   access_token, the one answered beside it, for ``at_hash``; is_refreshed, whether this answers a refresh:
             then the nonce stays out; status_max_age_seconds, how old a known status may be for ``acr`` to imply it,
             None where any may; released_claims, ``ReleasedClaims.id_token`` of the grant: told once, for the code,
             and not again at every refresh.
    Returns: a compact JWS in the client's registered algorithm; ``"sandbox": true`` says that no real card was shown.
    Source:  OIDC Core §2, §3.1.3.6 (at_hash), §12.2 (refreshed: same iss, sub, aud, auth_time; no nonce);
             Back-Channel Logout §2.1 (sid).
    """
    # First, so that nothing released can take the place of what the provider says of the sign-in.
    payload: dict[str, Any] = {} if released_claims is None or is_refreshed else dict(released_claims)
    payload |= {
        "iss": issuer,
        "sub": grant.sub,
        "aud": grant.client_id,
        "exp": to_epoch_seconds(now + timedelta(seconds=lifetime_seconds)),
        "iat": to_epoch_seconds(now),
        "auth_time": to_epoch_seconds(grant.auth_time),
        "acr": _acr_of(grant, issuer, now, status_max_age_seconds),
        "amr": list(grant.amr),
        "at_hash": access_token_hash(access_token),
        "sid": session_id(grant.session_hash, grant.client_id),
    }
    if grant.nonce is not None and not is_refreshed:
        payload["nonce"] = grant.nonce
    if sandbox:
        payload["sandbox"] = True
    return signer.sign(payload, client.id_token_signed_response_alg)


def _acr_of(grant: Grant, issuer: str, now: datetime, status_max_age_seconds: int | None) -> str:
    # A refresh may come weeks after the card was shown, and nobody looked at the certificate since.
    if status_max_age_seconds is None:
        return grant.acr
    oldest = now - timedelta(seconds=status_max_age_seconds)
    is_fresh = grant.status_time is not None and grant.status_time >= oldest
    return grant.acr if is_fresh else without_status(grant.acr, issuer)


def access_token_hash(access_token: str) -> str:
    """``at_hash``: the left half of SHA-256, the hash of ES256 and RS256, in base64url (OIDC Core §3.1.3.6)."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")


def verify_id_token_hint(unverified_id_token: str, verifier: IdTokenHintVerifier, client_id: str) -> str:
    """Establish whom the client believes to be here: the subject of an ID token that we signed for it.

    Returns: its ``sub``.
    Raises:  OAuthError invalid_request: not signed by us, or for another client.
    Source:  OIDC Core §3.1.2.1, id_token_hint: it may be long expired, for it asks about the person, not the time.
    """
    try:
        payload = verifier.verify_own(unverified_id_token)
    except NotOurToken as error:
        raise _refusal("id_token_hint was not signed by this provider") from error
    if payload.get("aud") != client_id:
        raise _refusal("id_token_hint is for another client")
    sub = payload.get("sub")
    if not isinstance(sub, str):
        raise _refusal("id_token_hint has no sub")
    return sub


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, "id_token_hint is not an ID token for this client.", detail=detail)
