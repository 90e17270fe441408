"""Encryption of what the provider says, to the client that registered for it (OIDC Core §10.2, §16.14; RFC 7516).

The key is looked for before anything is spent, recorded or signed for an answer: where there is none, nothing goes out.
Something is encrypted to each key when it is first met: one that only turns out to be unusable with the answer at hand
would have cost the person's code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import HeaderParameter

from idp.keys.jwe_algorithms import CONTENT_ENCRYPTION
from idp.oidc.client import Client
from idp.oidc.errors import ClientKeysUnavailable, ErrorCode, OAuthError
from idp.oidc.ports import ClientKeySource

# The first words of the members <answer>_encrypted_response_alg and _enc. Logout tokens go with id_token.
Answer = Literal["id_token", "userinfo", "authorization", "introspection"]

# RFC 7518 §4.3, §4.6; clients' libraries know one of them. No RSA1_5, no RSA-OAEP with SHA-1, nothing symmetric.
KEY_TYPE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"ECDH-ES+A256KW": "EC", "ECDH-ES+A128KW": "EC", "ECDH-ES": "EC", "RSA-OAEP-256": "RSA"}
)
RESPONSE_ALGORITHMS: Final[tuple[str, ...]] = tuple(KEY_TYPE_OF)
RESPONSE_ENCRYPTIONS: Final[tuple[str, ...]] = tuple(CONTENT_ENCRYPTION)
# OIDC Registration §2, JARM §3, RFC 9701 §6: where only the alg is registered.
DEFAULT_ENCRYPTION: Final = "A128CBC-HS256"
# What makes up a key (RFC 7518 §6.2.1, §6.3.1).
_VALUE_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"EC": ("crv", "x", "y"), "RSA": ("n", "e")})
_IMPORT: Final[Mapping[str, Callable[[dict[str, Any]], ECKey | RSAKey]]] = MappingProxyType(
    {"EC": ECKey.import_key, "RSA": RSAKey.import_key}
)
_KEYS_KEPT: Final = 256
_REGISTRY: Final = jwe.JWERegistry(
    # RFC 7519 §5.3: a claim that may stand outside, so that a reader knows whose token it is.
    header_registry={"iss": HeaderParameter("Issuer", "str")},
    algorithms=[*RESPONSE_ALGORITHMS, *RESPONSE_ENCRYPTIONS],
)


class NoEncryptionKey(OAuthError):
    """An answer cannot be encrypted as its client registered, so there is none.

    ``temporarily_unavailable`` where the client's published keys cannot be had now, ``invalid_request`` where none of
    its keys is for this.
    """


@dataclass(frozen=True, slots=True)
class Encryption:
    """How one client reads one kind of answer: a public key of its own, and what it registered for it.

    Made by ``find_encryption`` only.
    """

    key: ECKey | RSAKey
    kid: str | None
    alg: str
    enc: str

    def encrypt(self, payload: str, *, cty: str | None = "JWT", issuer: str | None = None) -> str:
        """What only the client can read: a compact JWE, in which a signed JWT is nested where ``cty`` is JWT.

        Takes:  cty, None where the payload is no JWT; issuer, where it is to be told outside as well.
        Source: OIDC Core §10.2; RFC 7519 §5.2 (cty), §5.3, §11.2 (sign, then encrypt).
        """
        header: dict[str, Any] = {"alg": self.alg, "enc": self.enc}
        told = {"kid": self.kid, "cty": cty, "iss": issuer}
        header |= {name: value for name, value in told.items() if value is not None}
        return jwe.encrypt_compact(header, payload.encode("utf-8"), self.key, registry=_REGISTRY)


def find_encryption(client: Client, answer: Answer, keys: ClientKeySource | None) -> Encryption | None:
    """Establish to which key this answer goes, if the client wants it encrypted.

    Takes:   keys, where clients' keys are; None where they cannot be asked for, which is no reason to do without.
    Returns: None where the client registered no encryption for this answer, and only then.
    Raises:  NoEncryptionKey.
    Effect:  may ask the client's ``jwks_uri``, so it is never called within a durable transaction.
    Source:  OIDC Registration §2; JARM §3; RFC 9701 §6; OIDC Core §10.2.1 (rotation: the set as it is published now,
             or as its host lets it be kept).
    """
    alg: str | None = getattr(client.options, f"{answer}_encrypted_response_alg")
    if alg is None:
        return None
    enc: str | None = getattr(client.options, f"{answer}_encrypted_response_enc")
    jwk = find_encryption_key(_find_keys(client, keys), alg)
    if jwk is None:
        raise NoEncryptionKey(
            ErrorCode.INVALID_REQUEST,
            "The client has no key to encrypt to.",
            detail=f"no key of the client with use enc for {alg} that can be encrypted to",
        )
    return Encryption(_open_key(jwk, alg), jwk.get("kid"), alg, enc or DEFAULT_ENCRYPTION)


def find_encryption_key(jwks: Mapping[str, Any], alg: str) -> dict[str, Any] | None:
    """The first key that the client made for this: its use is enc, its type fits, its alg is this or not said.

    Returns: None also where none of those can be encrypted to.
    Source:  RFC 7517 §4.2, §4.4.
    """
    for jwk in jwks.get("keys", ()):
        is_for_this = jwk.get("use") == "enc" and jwk.get("kty") == KEY_TYPE_OF.get(alg) and jwk.get("alg", alg) == alg
        if is_for_this and can_encrypt_to(jwk, alg):
            found: dict[str, Any] = jwk
            return found
    return None


def can_encrypt_to(jwk: Mapping[str, Any], alg: str) -> bool:
    """Whether encrypting to this key works; it has been done once when this answers yes.

    Takes: alg, one of ``RESPONSE_ALGORITHMS``.
    """
    try:
        _open_key(jwk, alg)
    except (JoseError, ValueError, TypeError, KeyError, ArithmeticError, UnsupportedAlgorithm):
        return False
    return True


def _open_key(jwk: Mapping[str, Any], alg: str) -> ECKey | RSAKey:
    # The library judges key_ops otherwise than RFC 7517 §4.3 is read by clients, so only the key's value goes on.
    kty = KEY_TYPE_OF[alg]
    return _import_tried((("kty", kty), *((name, jwk[name]) for name in _VALUE_MEMBERS[kty])), alg)


@lru_cache(_KEYS_KEPT)
def _import_tried(value: tuple[tuple[str, str], ...], alg: str) -> ECKey | RSAKey:
    key = _IMPORT[KEY_TYPE_OF[alg]](dict(value))
    jwe.encrypt_compact({"alg": alg, "enc": DEFAULT_ENCRYPTION}, b"", key, registry=_REGISTRY)
    return key


def _find_keys(client: Client, keys: ClientKeySource | None) -> Mapping[str, Any]:
    try:
        if keys is None:
            raise ClientKeysUnavailable("keys cannot be asked for here")
        return keys.find_keys(client)
    except ClientKeysUnavailable as error:
        raise NoEncryptionKey(
            ErrorCode.TEMPORARILY_UNAVAILABLE,
            "The keys of the client to encrypt to cannot be had at its jwks_uri now.",
            detail=f"jwks_uri: {error}",
        ) from error
