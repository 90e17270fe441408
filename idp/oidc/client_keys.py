"""A client's public keys: what may be registered to verify its assertions with (RFC 7517, RFC 7518 §6)."""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.oidc.client_assertion import SIGNING_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError

MAXIMUM_KEYS: Final = 8
MINIMUM_RSA_BITS: Final = 2048
MAXIMUM_RSA_BITS: Final = 4096
_MINIMUM_RSA_CHARACTERS: Final = -(-MINIMUM_RSA_BITS // 6)
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ALGORITHMS_BY_KEY_TYPE: Final = {"EC": ("ES256",), "RSA": ("RS256", "PS256")}


def check_public_jwks(jwks: Mapping[str, Any]) -> None:
    """Refuse a key set that holds a private key, an unusable or a weak one, or one key id twice.

    Raises: OAuthError invalid_client_metadata.
    Source: RFC 7517 §4, §5; RFC 7518 §3.3 (2048 bits), §6.2; RFC 8725 §3.4 (points are on their curve);
            FAPI 2.0 §5.4 (unique key ids).
    """
    if "kty" in jwks:
        raise _refusal("jwks is a set of keys, this is one key: put it into a list, as the member keys of an object")
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAXIMUM_KEYS:
        raise _refusal(f"jwks is an object whose member keys is a list of 1 to {MAXIMUM_KEYS} keys")
    for jwk in keys:
        _check_public_key(jwk)
    kids = [jwk["kid"] for jwk in keys if "kid" in jwk]
    if len(set(kids)) != len(kids) or (len(keys) > 1 and len(kids) < len(keys)):
        raise _refusal("keys in jwks have a kid each, and no kid twice")


def _check_public_key(jwk: object) -> None:
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid", ""), str):
        raise _refusal("a key in jwks is a JSON object with a text as kid")
    if PRIVATE_MEMBERS & jwk.keys():
        raise _refusal("jwks has a private or a symmetric key: make new keys, this one is known to us now")
    key_ops = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(key_ops, list) or "verify" not in key_ops:
        raise _refusal("a key in jwks is not for signatures")
    algorithms = _ALGORITHMS_BY_KEY_TYPE.get(str(jwk.get("kty")))
    if algorithms is None or jwk.get("alg") not in (None, *algorithms):
        raise _refusal(f"a key in jwks is EC P-256 or RSA, for one of {' '.join(SIGNING_ALGORITHMS)}")
    try:
        if jwk["kty"] == "EC":
            usable = jwk.get("crv") == "P-256" and bool(ECKey.import_key(jwk).public_key)
        else:
            # Judged by its length first: the library would import a weak key, and warn about it in the server's output.
            usable = len(str(jwk.get("n", ""))) >= _MINIMUM_RSA_CHARACTERS and _is_strong(
                RSAKey.import_key(jwk).public_key
            )
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refusal("a key in jwks cannot be read") from error
    if not usable:
        raise _refusal("a key in jwks is EC P-256, or RSA of 2048 to 4096 bits with exponent 65537")


def _is_strong(key: RSAPublicKey) -> bool:
    return MINIMUM_RSA_BITS <= key.key_size <= MAXIMUM_RSA_BITS and key.public_numbers().e == 65537


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)
