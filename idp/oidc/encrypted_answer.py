"""Encryption of what the provider says, to the client that registered for it (OIDC Core §10.2, §16.14; RFC 7516)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from idp.keys.jwe_algorithms import CONTENT_ENCRYPTION
from idp.oidc.errors import ErrorCode, OAuthError

# RFC 7518 §4.3, §4.6; clients' libraries know one of them. No RSA1_5, no RSA-OAEP with SHA-1, nothing symmetric.
KEY_TYPE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"ECDH-ES+A256KW": "EC", "ECDH-ES+A128KW": "EC", "ECDH-ES": "EC", "RSA-OAEP-256": "RSA"}
)
RESPONSE_ALGORITHMS: Final[tuple[str, ...]] = tuple(KEY_TYPE_OF)
RESPONSE_ENCRYPTIONS: Final[tuple[str, ...]] = tuple(CONTENT_ENCRYPTION)
# OIDC Registration §2: where only the alg is registered.
DEFAULT_ENCRYPTION: Final = "A128CBC-HS256"
_IMPORT: Final[Mapping[str, Callable[[dict[str, Any]], ECKey | RSAKey]]] = MappingProxyType(
    {"EC": ECKey.import_key, "RSA": RSAKey.import_key}
)
_REGISTRY: Final = jwe.JWERegistry(algorithms=[*RESPONSE_ALGORITHMS, *RESPONSE_ENCRYPTIONS])


def encrypt_for_client(
    payload: str, jwks: Mapping[str, Any], alg: str, enc: str | None, *, cty: str | None = "JWT"
) -> str:
    """What only the client can read: a compact JWE, in which a signed JWT is nested where ``cty`` is JWT.

    Takes:  payload, text; jwks, the client's; alg and enc as registered, enc None for the default; cty, None where the
            payload is no JWT.
    Raises: OAuthError invalid_request: the client has no key for this any more.
    Source: OIDC Core §10.2; RFC 7519 §5.2 (cty), §11.2 (sign, then encrypt); RFC 7517 §4.2 (only a key with use enc).
    """
    jwk = find_encryption_key(jwks, alg)
    if jwk is None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST,
            "The client has no key to encrypt to.",
            detail=f"no key in the client's jwks with use enc for {alg}",
        )
    header = {"alg": alg, "enc": enc or DEFAULT_ENCRYPTION}
    if "kid" in jwk:
        header["kid"] = jwk["kid"]
    if cty is not None:
        header["cty"] = cty
    return jwe.encrypt_compact(header, payload.encode("utf-8"), _IMPORT[jwk["kty"]](jwk), registry=_REGISTRY)


def find_encryption_key(jwks: Mapping[str, Any], alg: str) -> dict[str, Any] | None:
    """The first key that the client made for this: its use is enc, its type fits, its alg is this or not said."""
    for jwk in jwks.get("keys", ()):
        if jwk.get("use") == "enc" and jwk.get("kty") == KEY_TYPE_OF.get(alg) and jwk.get("alg", alg) == alg:
            found: dict[str, Any] = jwk
            return found
    return None
