"""The public key inside a DPoP proof: the one place where a key that came with a token is used (RFC 9449 §4.2)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.identifiers import encode_base64url
from idp.oidc.client_keys import MAXIMUM_RSA_BITS, MINIMUM_RSA_BITS
from idp.oidc.jwt_parts import decode_base64url

# FAPI 2.0 §5.4.1: no RS256. RFC 9864 names the algorithm of Ed25519 keys anew, clients write the older name.
PROOF_ALGORITHMS: Final = ("ES256", "PS256", "EdDSA", "Ed25519")
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS: Final[Mapping[str, tuple[str, str | None, tuple[str, ...]]]] = {
    # algorithm: kty, crv, the members of the key's value (RFC 7638 §3.2; RFC 8037 §2)
    "ES256": ("EC", "P-256", ("x", "y")),
    "PS256": ("RSA", None, ("e", "n")),
    "EdDSA": ("OKP", "Ed25519", ("x",)),
    "Ed25519": ("OKP", "Ed25519", ("x",)),
}
_VERIFIERS: Final = {
    "ES256": JWSRegistry.algorithms["ES256"],
    "PS256": JWSRegistry.algorithms["PS256"],
    "EdDSA": JWSRegistry.algorithms["Ed25519"],
    "Ed25519": JWSRegistry.algorithms["Ed25519"],
}


_Key = TypeVar("_Key", ECKey, OKPKey)


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A public key with the algorithm that it verifies; ``thumbprint`` is base64url of SHA-256 (RFC 7638)."""

    thumbprint: str
    _alg: str
    _key: ECKey | RSAKey | OKPKey

    def verifies(self, signing_input: bytes, signature: bytes) -> bool:
        """Whether the key's holder signed this."""
        try:
            return bool(_VERIFIERS[self._alg].verify(signing_input, signature, self._key))
        except (JoseError, ValueError):
            return False


def parse_proof_key(unverified_jwk: object, alg: str) -> ProofKey:
    """Establish that a JWK is one strong public key of the algorithm's kind.

    Takes:   alg, one of ``PROOF_ALGORITHMS``.
    Raises:  ValueError: what is wrong, without repeating a value.
    Source:  RFC 9449 §4.3 (8); RFC 7517 §4; RFC 7518 §6; RFC 8037 §2; RFC 8725 §3.4, §3.5.
    """
    if not isinstance(unverified_jwk, dict):
        raise ValueError("not a JSON object")
    if _PRIVATE_MEMBERS & unverified_jwk.keys():
        raise ValueError("has a private or a symmetric key")
    kty, crv, names = _KINDS[alg]
    if unverified_jwk.get("kty") != kty or (crv is not None and unverified_jwk.get("crv") != crv):
        raise ValueError("not of the algorithm's kind")
    # Only what makes up the key goes on, so that no other member is ever interpreted.
    members: dict[str, Any] = {"kty": kty} if crv is None else {"crv": crv, "kty": kty}
    numbers: dict[str, int] = {}
    for name in names:
        value = unverified_jwk.get(name)
        if not isinstance(value, str):
            raise ValueError(f"{name} is missing or not a text")
        members[name] = value
        numbers[name] = int.from_bytes(decode_base64url(value), "big")
    if kty == "RSA" and not _is_strong_rsa(numbers):
        raise ValueError("not RSA of 2048 to 4096 bits with exponent 65537")
    return ProofKey(_thumbprint(members), alg, _import(members))


def _import(members: dict[str, Any]) -> ECKey | RSAKey | OKPKey:
    try:
        if members["kty"] == "EC":
            return _usable(ECKey.import_key(members))
        if members["kty"] == "OKP":
            return _usable(OKPKey.import_key(members))
        return RSAKey.import_key(members)
    except (JoseError, TypeError, KeyError) as error:
        raise ValueError("cannot be read") from error


def _is_strong_rsa(numbers: Mapping[str, int]) -> bool:
    return MINIMUM_RSA_BITS <= numbers["n"].bit_length() <= MAXIMUM_RSA_BITS and numbers["e"] == 65537


def _usable(key: _Key) -> _Key:
    # The library reads a point only when it is asked for, and refuses one that is not on its curve.
    _ = key.public_key
    return key


def _thumbprint(members: Mapping[str, str]) -> str:
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode("ascii")
    return encode_base64url(hashlib.sha256(canonical).digest())
