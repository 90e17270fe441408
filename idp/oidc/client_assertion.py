"""The client assertion of ``private_key_jwt``: a JWT that only the client's private key could have signed.

Implements RFC 7523 §2.2 and §3, OIDC Core §9, RFC 8725, and the audience rules of
draft-ietf-oauth-security-topics-update (a single string: the issuer or the very endpoint).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.identifiers import encode_base64url
from idp.keys.jws_registry import KEY_TYPE_OF, REGISTRIES, SigningAlgorithm
from idp.oidc.client import Client
from idp.oidc.client_profile import assertion_audiences, is_algorithm_allowed
from idp.oidc.errors import ClientKeysUnavailable, ErrorCode, OAuthError
from idp.oidc.jwt_times import CLOCK_SKEW, UntimelyJwt, check_jwt_times
from idp.oidc.ports import ClientAdmission, ClientStore, OnceStore
from idp.strict_json import JsonLimits, read_json_object

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNING_ALGORITHMS: Final = ("ES256", "PS256", "EdDSA", "RS256")
_IMPORT: Final[Mapping[str, Callable[[dict[str, Any]], RSAKey | ECKey | OKPKey]]] = {
    "RSA": RSAKey.import_key,
    "EC": ECKey.import_key,
    "OKP": OKPKey.import_key,
}
_MAXIMUM_CHARACTERS: Final = 8192
_LIMITS: Final = JsonLimits(size_bytes=8192, depth=8)
_MAXIMUM_JTI_CHARACTERS: Final = 256


def find_unverified_client_id(unverified_assertion: str) -> str | None:
    """Who the assertion says it is from, to find the keys to verify it with; None if it cannot be read."""
    try:
        payload = read_json_object(jws.extract_compact(_to_ascii(unverified_assertion)).payload, _LIMITS)
    except (JoseError, ValueError, RecursionError):
        return None
    sub = payload.get("sub")
    return sub if isinstance(sub, str) else None


def check_client_assertion(
    unverified_assertion: str,
    client: Client,
    keys: ClientStore,
    once: OnceStore,
    *,
    issuer: str,
    endpoint_url: str,
    now: datetime,
    admission: ClientAdmission | None = None,
) -> None:
    """Establish that the client itself made this assertion, for us, now, and that it was not used before.

    Takes:  admission, which is told when the client's host is waited for; nothing is counted here.
    Raises: OAuthError invalid_client.
    Effect: the ``jti`` is remembered until the assertion can no longer be valid.
    Source: RFC 7523 §3 (1-9); OIDC Core §9 (jti, exp required); RFC 8725 §3.1 (the algorithms are ours);
            FAPI 2.0 §5.3.2.1 (8: the issuer alone), §5.4.
    """
    claims = _verify_signature(unverified_assertion, client, keys, admission)
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refusal("iss or sub is not the client_id")
    audiences = assertion_audiences(client, issuer, endpoint_url)
    if claims.get("aud") not in audiences or not isinstance(claims.get("aud"), str):
        raise _refusal("aud is not, as one string, the issuer or this endpoint")
    try:
        expires_at = check_jwt_times(claims, now)
    except UntimelyJwt as error:
        raise _refusal(str(error)) from error
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAXIMUM_JTI_CHARACTERS:
        raise _refusal("jti is missing or not a text of at most 256 characters")
    key = hashlib.sha256(json.dumps([client.client_id, jti]).encode("ascii")).digest()
    if not once.insert_once("client_assertion", encode_base64url(key), expires_at + CLOCK_SKEW):
        raise _refusal("jti was used before")


def _verify_signature(
    unverified_assertion: str, client: Client, keys: ClientStore, admission: ClientAdmission | None
) -> Mapping[str, Any]:
    try:
        encoded = _to_ascii(unverified_assertion)
        header: object = jws.extract_compact(encoded).headers()
        # The library takes any JSON value for a header until it verifies.
        if not isinstance(header, dict):
            raise _refusal("the header is not a JSON object")
        algorithm = header.get("alg")
        if algorithm not in SIGNING_ALGORITHMS or not is_algorithm_allowed(client, algorithm):
            raise _refusal("alg is not allowed")
        key_set = _find_keys(client, keys, header.get("kid"), admission)
        for key in candidate_keys(key_set, algorithm, header.get("kid")):
            claims = _find_claims(encoded, key, algorithm)
            if claims is not None:
                return claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _refusal(f"unreadable: {type(error).__name__}") from error
    raise _refusal("no registered key verifies the signature")


def _find_keys(
    client: Client, keys: ClientStore, unread_kid: object, admission: ClientAdmission | None
) -> Mapping[str, Any]:
    kid = unread_kid if isinstance(unread_kid, str) else None
    try:
        if admission is None:
            return keys.find_keys(client, kid)
        at_hand = keys.find_keys_at_hand(client, kid)
        if at_hand is not None:
            return at_hand
        with admission.while_waiting(client):
            return keys.find_keys(client, kid)
    except ClientKeysUnavailable as error:
        raise OAuthError(
            ErrorCode.INVALID_CLIENT,
            "Client authentication failed: no usable keys at jwks_uri.",
            detail=f"jwks_uri: {error}",
            authenticate='Basic realm="client"',
        ) from error


def candidate_keys(
    key_set: Mapping[str, Any], algorithm: SigningAlgorithm, kid: object
) -> list[RSAKey | ECKey | OKPKey]:
    """The keys of a client's set that fit an allowed algorithm and, where one is named, a key id."""
    found: list[RSAKey | ECKey | OKPKey] = []
    for jwk in key_set["keys"]:
        if jwk.get("kty") != KEY_TYPE_OF[algorithm] or jwk.get("alg", algorithm) != algorithm:
            continue
        # A key for encryption is no evidence of who signs (RFC 7517 §4.2).
        if jwk.get("use", "sig") != "sig":
            continue
        if kid is not None and jwk.get("kid", kid) != kid:
            continue
        found.append(_IMPORT[jwk["kty"]](jwk))
    return found


def _find_claims(encoded: bytes, key: RSAKey | ECKey | OKPKey, algorithm: str) -> dict[str, Any] | None:
    try:
        return read_json_object(jws.deserialize_compact(encoded, key, registry=REGISTRIES[algorithm]).payload, _LIMITS)
    except (JoseError, ValueError, RecursionError):
        return None


def _to_ascii(unverified_assertion: str) -> bytes:
    if len(unverified_assertion) > _MAXIMUM_CHARACTERS:
        raise ValueError("too long")
    return unverified_assertion.encode("ascii")


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_CLIENT,
        "Client authentication failed.",
        detail=f"client_assertion: {detail}",
        authenticate='Basic realm="client"',
    )
