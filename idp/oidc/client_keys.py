"""A client's public keys: what may be registered to verify or to encrypt with (RFC 7517, RFC 7518 §6)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.oidc.client_assertion import SIGNING_ALGORITHMS
from idp.oidc.encrypted_answer import RESPONSE_ALGORITHMS, can_encrypt_to
from idp.oidc.errors import ErrorCode, OAuthError

MAXIMUM_KEYS: Final = 8
MINIMUM_RSA_BITS: Final = 2048
MAXIMUM_RSA_BITS: Final = 4096
_MINIMUM_RSA_CHARACTERS: Final = -(-MINIMUM_RSA_BITS // 6)
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_SIGNING: Final = {"EC": ("ES256",), "RSA": ("RS256", "PS256"), "OKP": ("EdDSA",)}
_ENCRYPTING: Final = {"EC": ("ECDH-ES+A256KW", "ECDH-ES+A128KW", "ECDH-ES"), "RSA": ("RSA-OAEP-256",)}
# RFC 7517 §4.3, as it is read: the library of one client says encrypt of what another's calls wrapKey.
_ENCRYPTING_OPERATIONS: Final = {"EC": ("deriveKey", "deriveBits"), "RSA": ("encrypt", "wrapKey")}
_USABLE: Final = "EC P-256, OKP Ed25519, or RSA of 2048 to 4096 bits with exponent 65537"


def check_public_jwks(jwks: Mapping[str, Any]) -> None:
    """Refuse a key set that holds a private key, an unusable or a weak one, or one key id twice.

    Raises: OAuthError invalid_client_metadata.
    Source: RFC 7517 §4, §5; RFC 7518 §3.3 (2048 bits), §6.2; RFC 8037 §2; RFC 8725 §3.4 (points are on their curve);
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
    use, kty = jwk.get("use", "sig"), str(jwk.get("kty"))
    if use not in ("sig", "enc"):
        raise _refusal("a key in jwks is neither for signatures (use sig) nor for encryption (use enc)")
    algorithms = (_SIGNING if use == "sig" else _ENCRYPTING).get(kty)
    if algorithms is None or jwk.get("alg") not in (None, *algorithms):
        listed = SIGNING_ALGORITHMS if use == "sig" else RESPONSE_ALGORITHMS
        raise _refusal(f"a key in jwks is {_USABLE}, for one of {' '.join(listed)}")
    operations = ("verify",) if use == "sig" else _ENCRYPTING_OPERATIONS[kty]
    if not _is_for(operations, jwk.get("key_ops")):
        raise _refusal(f"key_ops of a key in jwks has {' or '.join(operations)}, or is left out")
    try:
        usable = _is_usable(jwk) and (use == "sig" or can_encrypt_to(jwk, algorithms[0]))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refusal("a key in jwks cannot be read") from error
    if not usable:
        raise _refusal(f"a key in jwks is {_USABLE}")


def _is_for(operations: Sequence[str], key_ops: object) -> bool:
    if key_ops is None:
        return True
    # Not every operation is a text where the sender is hostile.
    return isinstance(key_ops, list) and any(operation in key_ops for operation in operations)


def _is_usable(jwk: dict[str, Any]) -> bool:
    # Importing a key is what finds a point off its curve.
    if jwk["kty"] == "EC":
        return jwk.get("crv") == "P-256" and bool(ECKey.import_key(jwk).public_key)
    if jwk["kty"] == "OKP":
        return jwk.get("crv") == "Ed25519" and bool(OKPKey.import_key(jwk).public_key)
    # Judged by its length first: the library would import a weak key, and warn about it in the server's output.
    is_long = len(str(jwk.get("n", ""))) >= _MINIMUM_RSA_CHARACTERS
    return is_long and _is_strong(RSAKey.import_key(jwk).public_key)


def _is_strong(key: RSAPublicKey) -> bool:
    # The library imports an even modulus, and fails when it is to encrypt with it.
    numbers = key.public_numbers()
    return MINIMUM_RSA_BITS <= key.key_size <= MAXIMUM_RSA_BITS and numbers.e == 65537 and numbers.n % 2 == 1


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)
