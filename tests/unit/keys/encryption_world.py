"""A key ring with encryption keys, and a client that encrypts with another implementation of JOSE."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from idp.keys.decrypter import KeyRingDecrypter
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from tests.unit.keys.memory_signing_keys import MemorySigningKeys

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ALGORITHMS = ("ECDH-ES+A256KW", "RSA-OAEP-256", "ES256")


class EncryptionWorld:
    """One provider; ``now`` may be moved."""

    def __init__(self) -> None:
        self.now = START
        self.store = MemorySigningKeys()
        encryption = KeyEncryption(Sealer(bytes(range(32))))
        self.ring = KeyRing(self.store, encryption, lambda: self.now)
        pace = RotationPace(timedelta(days=90), timedelta(days=1), timedelta(days=30))
        self.rotation = KeyRotation(self.store, encryption, pace, self.ring.forget_set)
        self.rotation.ensure_keys(ALGORITHMS, START)
        self.decrypter = KeyRingDecrypter(self.ring)

    def jwk(self, alg: str) -> dict[str, Any]:
        """Our published key of this algorithm."""
        keys: list[dict[str, Any]] = json.loads(self.ring.public_jwks())["keys"]
        return next(key for key in keys if key["alg"] == alg)

    def encrypt(self, key_alg: str, plaintext: bytes = b"plaintext", enc: str = "A256GCM", **header: Any) -> str:
        """A compact JWE to our key by jwcrypto; members of None are left out."""
        jwk = self.jwk(key_alg)
        members = {"alg": key_alg, "enc": enc, "kid": jwk["kid"], **header}
        protected = json.dumps({name: value for name, value in members.items() if value is not None})
        token = JWE(
            plaintext, protected, algs=[str(members["alg"]), enc], recipient=JWK(**{**jwk, "alg": members["alg"]})
        )
        return str(token.serialize(compact=True))


@cache
def shared_world() -> EncryptionWorld:
    """One for tests that change nothing; making RSA keys takes time."""
    return EncryptionWorld()
