"""One key of the provider: made, and loaded once into the object that signs, or that decrypts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from jwcrypto.jwk import JWK

from idp.keys.errors import SigningKeyUnreadable
from idp.keys.jwe_algorithms import use_of
from idp.keys.key_encryption import KeyEncryption
from idp.keys.ports import StoredSigningKey

# OIDC Core §15.1 makes RS256 mandatory; RFC 7518 §3.3, §3.5 want 2048 bits or more, §3.4 fixes the curve.
# RS256 and PS256 have a key each, for a key is used with one algorithm only (RFC 8725 §3.2).
_GENERATION: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "ES256": {"kty": "EC", "crv": "P-256"},
        "RS256": {"kty": "RSA", "size": 2048},
        "PS256": {"kty": "RSA", "size": 2048},
        "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
        "ECDH-ES+A256KW": {"kty": "EC", "crv": "P-256"},
        "RSA-OAEP-256": {"kty": "RSA", "size": 2048},
    }
)
_IMPORT: Final[Mapping[str, Callable[[dict[str, Any]], ECKey | RSAKey | OKPKey]]] = MappingProxyType(
    {
        "ES256": ECKey.import_key,
        "RS256": RSAKey.import_key,
        "PS256": RSAKey.import_key,
        "EdDSA": OKPKey.import_key,
        "ECDH-ES+A256KW": ECKey.import_key,
        "RSA-OAEP-256": RSAKey.import_key,
    }
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key ready to sign, or to decrypt, and to be published.

    Loading one costs OpenSSL's check of it (40 ms for RSA), so it is kept.

    ``public_jwk`` is derived from the decrypted private key, never taken from the database's public column.
    """

    kid: str
    alg: str
    key: ECKey | RSAKey | OKPKey = field(repr=False)
    public_jwk: Mapping[str, Any]


def make_signing_key(alg: str, encryption: KeyEncryption, now: datetime, signs_from: datetime) -> StoredSigningKey:
    """A new key pair, in the form in which it is stored.

    Takes:   alg, ES256 (P-256), RS256 or PS256 (2048 bits), EdDSA (Ed25519); for encryption to us
             ECDH-ES+A256KW (P-256) or RSA-OAEP-256 (2048 bits).
    Returns: a key whose ``kid`` is its thumbprint.
    Raises:  ValueError: another algorithm.
    Source:  RFC 7638 (SHA-256 thumbprint of the required members); RFC 7517 §4.
    """
    if alg not in _GENERATION:
        raise ValueError(f"no signing keys are made for {alg}")
    pair = JWK.generate(**_GENERATION[alg])
    kid: str = pair.thumbprint()
    private_jwk = {**pair.export_private(as_dict=True), "kid": kid, "alg": alg, "use": use_of(alg)}
    return StoredSigningKey(
        kid=kid,
        alg=alg,
        encrypted_private_jwk=encryption.encrypt_private_jwk(kid, alg, json.dumps(private_jwk).encode("ascii")),
        public_jwk=json.dumps({**pair.export_public(as_dict=True), "kid": kid, "alg": alg, "use": use_of(alg)}),
        created_at=now,
        signs_from=signs_from,
        signs_until=None,
        published_until=None,
    )


def load_signing_key(stored: StoredSigningKey, encryption: KeyEncryption) -> SigningKey:
    """The stored key as an object that signs.

    Raises: SigningKeyUnreadable: it does not open, or is not what its row says.
    """
    text = encryption.decrypt_private_jwk(stored.kid, stored.alg, stored.encrypted_private_jwk)
    try:
        key = _IMPORT[stored.alg](dict(json.loads(text)))
    except (KeyError, TypeError, ValueError, JoseError):
        raise SigningKeyUnreadable(f"signing key {stored.kid} is not a {stored.alg} key") from None
    if key.thumbprint() != stored.kid:
        raise SigningKeyUnreadable(f"signing key {stored.kid} is not the key of that thumbprint")
    public = {**key.as_dict(private=False), "kid": stored.kid, "alg": stored.alg, "use": use_of(stored.alg)}
    return SigningKey(kid=stored.kid, alg=stored.alg, key=key, public_jwk=public)
