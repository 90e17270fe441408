"""The ID token: what the provider says about a sign-in, to one client (OIDC Core §2, §3.1.3.6)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from idp.clock import to_epoch_seconds
from idp.identifiers import encode_base64url
from idp.keys.errors import NotOurToken
from idp.keys.jws_registry import SigningAlgorithm
from idp.oidc.acr import acr_of_now
from idp.oidc.client import Client
from idp.oidc.encrypted_answer import Encryption
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
    encryption: Encryption | None,
    is_refreshed: bool = False,
    status_max_age_seconds: int | None = None,
    released_claims: Mapping[str, Any] | None = None,
) -> str:
    """Sign what was granted, for the client it was granted to.

    Takes:   access_token, the one answered beside it, for ``at_hash``; encryption, ``find_encryption`` of this client;
             is_refreshed, whether this answers a refresh:
             then the nonce stays out; status_max_age_seconds, how old a known status may be for ``acr`` to imply it,
             None where any may; released_claims, ``ReleasedClaims.id_token`` of the grant: told once, for the code,
             and not again at every refresh.
    Returns: a compact JWS in the client's registered algorithm, nested in a JWE where it registered for one;
             ``"sandbox": true`` says that no real card was shown.
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
        "acr": acr_of_now(grant.acr, grant.status_time, issuer, now, status_max_age_seconds),
        "amr": list(grant.amr),
        "sid": session_id(grant.session_hash, grant.client_id),
        "at_hash": access_token_hash(access_token, client.id_token_signed_response_alg),
    }
    if grant.nonce is not None and not is_refreshed:
        payload["nonce"] = grant.nonce
    if sandbox:
        payload["sandbox"] = True
    signed = signer.sign(payload, client.id_token_signed_response_alg)
    return signed if encryption is None else encryption.encrypt(signed)


def access_token_hash(access_token: str, alg: SigningAlgorithm) -> str:
    """``at_hash``: the left half, in base64url, of the hash that the ID token's ``alg`` uses.

    Source: OIDC Core §3.1.3.6. SHA-256 for ES256, RS256, PS256. EdDSA's name says no hash: it is that of the curve, for
            Ed25519 SHA-512 (RFC 8032 §5.1), as the working group answered and Authlib and openid-client compute it.
    """
    octets = access_token.encode("ascii")
    digest = hashlib.sha512(octets).digest() if alg == "EdDSA" else hashlib.sha256(octets).digest()
    return encode_base64url(digest[: len(digest) // 2])


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
    # What else we sign for a client (userinfo) does not expire.
    if "exp" not in payload:
        raise _refusal("id_token_hint is no ID token")
    if payload.get("aud") != client_id:
        raise _refusal("id_token_hint is for another client")
    sub = payload.get("sub")
    if not isinstance(sub, str):
        raise _refusal("id_token_hint has no sub")
    return sub


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REQUEST, "id_token_hint is not an ID token for this client.", detail=detail)
