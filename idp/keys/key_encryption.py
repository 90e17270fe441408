"""Private signing keys at rest: encrypted, and bound to the row they stand in."""

from typing import Final

from idp.keys.errors import SigningKeyUnreadable, Unsealable
from idp.keys.sealing import Sealer

_PURPOSE: Final = "signing-key"


class KeyEncryption:
    """Encrypts private keys under the key-encryption key.

    ``kid`` and ``alg`` are authenticated with the key, so a row whose name was exchanged in the database does not open.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def encrypt_private_jwk(self, kid: str, alg: str, private_jwk: bytes) -> bytes:
        """What is stored in place of the private key."""
        return self._sealer.seal(_PURPOSE, _name_row(kid, alg), private_jwk).encode("ascii")

    def decrypt_private_jwk(self, kid: str, alg: str, encrypted: bytes) -> bytes:
        """The private key of this row.

        Raises: SigningKeyUnreadable: another key-encryption key, another row, or changed bytes.
        """
        try:
            return self._sealer.unseal(_PURPOSE, _name_row(kid, alg), encrypted.decode("latin-1"))
        except Unsealable:
            raise SigningKeyUnreadable(f"signing key {kid} does not open with this key-encryption key") from None


def _name_row(kid: str, alg: str) -> bytes:
    # Neither a thumbprint nor a registered algorithm has a zero octet.
    return b"\x00".join((b"signing_keys", alg.encode("utf-8"), kid.encode("utf-8")))
