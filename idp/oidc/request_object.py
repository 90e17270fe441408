"""The request object: an authorization request as a JWT that only the client's private key could have signed.

Implements RFC 9101 §4, §5.1, §6, §10; OIDC Core §6.1; RFC 8725.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from idp.identifiers import encode_base64url
from idp.keys.errors import NotDecryptable
from idp.oidc.client import Client
from idp.oidc.client_assertion import SIGNING_ALGORITHMS, candidate_keys
from idp.oidc.client_profile import is_algorithm_allowed
from idp.oidc.errors import ClientKeysUnavailable, ErrorCode, OAuthError
from idp.oidc.jwt_times import CLOCK_SKEW, UntimelyJwt, check_jwt_times
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientKeySource, JweDecrypter, OnceStore
from idp.oidc.received_request import encode_parameters
from idp.strict_json import JsonLimits, NotJson, read_json_object

_MAXIMUM_CHARACTERS: Final = 16 * 1024
_LIMITS: Final = JsonLimits(size_bytes=16 * 1024)
_MAXIMUM_JTI_CHARACTERS: Final = 256
_MAXIMUM_AUDIENCES: Final = 8
# RFC 9101 §10.8: another kind of JWT of the same client says so in its type.
_TYPES: Final = frozenset({"jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"})
# Keys are those that were registered; a JWT that brings or names its own, or changes how it is read, is no honest one.
_REFUSED_HEADERS: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"})
# RFC 9101 §4: the claims of the JWT; the others are parameters.
_JWT_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
# RFC 9101 §5: what must be the same outside, where it stands there (OIDC Core §6.1).
_SAME_OUTSIDE: Final = ("client_id", "response_type")


def verify_request_object(
    unverified_object: str,
    client: Client,
    keys: ClientKeySource,
    once: OnceStore,
    decrypter: JweDecrypter | None,
    *,
    issuer: str,
    outside: Parameters,
    now: datetime,
) -> Parameters:
    """Establish that the client itself asks this, of us, now.

    Takes:    outside, the parameters beside it, of which only client_id and response_type are looked at.
    Returns:  the parameters of the object, and nothing else.
    Raises:   OAuthError invalid_request_object.
    Effect:   a ``jti``, where there is one, is remembered until the object can no longer be valid.
    Source:   RFC 9101 §4 (no request or request_uri inside), §6.1 to §6.3, §10.2, §10.3, §10.8; OIDC Core §6.1;
              RFC 8725 §3.1, §3.10 to §3.12.
    Stricter: ``iss``, ``aud`` and ``exp`` are required, an hour at most; the object is signed, also inside encryption;
              a parameter outside is never added to those inside, which OIDC Core §6.1 would let a client rely on.
    """
    claims = read_claims(_to_signed(unverified_object, decrypter), client, keys)
    _check_parties(claims, client, issuer)
    try:
        expires_at = check_jwt_times(claims, now)
    except UntimelyJwt as error:
        raise _refusal(str(error)) from error
    parameters = _to_parameters(claims)
    for name in _SAME_OUTSIDE:
        if outside.get(name) not in (None, parameters.get(name)):
            raise _refusal(f"{name} differs from the one outside")
    jti = claims.get("jti")
    if jti is not None:
        _check_once(jti, client, once, expires_at)
    return parameters


def read_claims(signed: bytes, client: Client, keys: ClientKeySource) -> dict[str, Any]:
    """The claims of a JWT that one of the client's keys has signed; nothing of them is checked.

    Takes:  a compact JWS.
    Raises: OAuthError invalid_request_object.
    """
    header = _read_header(signed)
    algorithm = header.get("alg")
    expected = client.options.request_object_signing_alg
    if algorithm not in SIGNING_ALGORITHMS or (expected is not None and algorithm != expected):
        raise _refusal("alg is not allowed")
    if not is_algorithm_allowed(client, algorithm):
        raise _refusal("alg is not allowed")
    if _REFUSED_HEADERS & header.keys():
        raise _refusal("the header has a member that is not accepted")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise _refusal("typ is of another kind of JWT")
    kid = header.get("kid")
    try:
        for key in candidate_keys(keys.find_keys(client, kid), algorithm, kid):
            try:
                payload = jws.deserialize_compact(signed, key, algorithms=[algorithm]).payload
            except JoseError:
                continue
            return read_json_object(payload, _LIMITS)
    except ClientKeysUnavailable as error:
        raise _refusal(f"jwks_uri: {error}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise _refusal(f"unreadable: {error if isinstance(error, NotJson) else type(error).__name__}") from error
    raise _refusal("no registered key verifies the signature")


def _to_signed(unverified_object: str, decrypter: JweDecrypter | None) -> bytes:
    if len(unverified_object) > _MAXIMUM_CHARACTERS or not unverified_object.isascii():
        raise _refusal("too long or not ASCII")
    if unverified_object.count(".") != 4:
        return unverified_object.encode("ascii")
    if decrypter is None:
        raise _refusal("encrypted, and nothing here decrypts")
    try:
        signed = decrypter.decrypt(unverified_object)
    except NotDecryptable as error:
        raise _refusal("not encrypted to a key of this provider") from error
    # RFC 9101 §6.1: a nested JWT; a second layer of encryption would be one more than anybody needs.
    if len(signed) > _MAXIMUM_CHARACTERS or signed.count(b".") != 2:
        raise _refusal("what was encrypted is not a signed JWT")
    return signed


def _read_header(signed: bytes) -> dict[str, Any]:
    encoded, *rest = signed.split(b".")
    if len(rest) != 2:
        raise _refusal("not a JWS in three parts")
    try:
        text = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        header = read_json_object(text, _LIMITS)
    except (NotJson, binascii.Error) as error:
        raise _refusal("the header is not a JSON object") from error
    if not all(isinstance(header.get(name, ""), str) for name in ("alg", "typ", "kid")):
        raise _refusal("a member of the header is no text")
    return header


def _check_parties(claims: Mapping[str, Any], client: Client, issuer: str) -> None:
    if claims.get("iss") != client.client_id or claims.get("client_id") != client.client_id:
        raise _refusal("iss or client_id is not the client_id")
    # RFC 9101 §10.8: what could also be read as the client's assertion is neither.
    if claims.get("sub") == client.client_id:
        raise _refusal("sub is the client_id, as in a client assertion")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if len(audiences) > _MAXIMUM_AUDIENCES or issuer not in audiences:
        raise _refusal("aud is neither the issuer nor a list with it")


def _check_once(jti: object, client: Client, once: OnceStore, expires_at: datetime) -> None:
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAXIMUM_JTI_CHARACTERS:
        raise _refusal("jti is not a text of at most 256 characters")
    key = hashlib.sha256(json.dumps([client.client_id, jti]).encode("ascii")).digest()
    if not once.insert_once("request_object", encode_base64url(key), expires_at + CLOCK_SKEW):
        raise _refusal("jti was used before")


def _to_parameters(claims: Mapping[str, Any]) -> Parameters:
    if "request" in claims or "request_uri" in claims:
        raise _refusal("a request object in a request object")
    pairs = _to_pairs((name, value) for name, value in claims.items() if name not in _JWT_CLAIMS)
    try:
        return encode_parameters(pairs)
    except OAuthError as error:
        raise _refusal(f"parameters: {error.detail}") from error


def _to_pairs(members: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    # RFC 9101 §4: texts as they are, numbers as numbers, structures as JSON; OIDC Core §6.1: claims is an object.
    pairs: list[tuple[str, str]] = []
    for name, value in members:
        if isinstance(value, str):
            pairs.append((name, value))
        elif isinstance(value, int) and not isinstance(value, bool):
            pairs.append((name, str(value)))
        elif isinstance(value, dict | list):
            pairs.append((name, json.dumps(value, separators=(",", ":"))))
        else:
            raise _refusal("a parameter is neither a text, a whole number nor a structure")
    return pairs


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_REQUEST_OBJECT, "The request object is not valid.", detail=f"request object: {detail}"
    )
