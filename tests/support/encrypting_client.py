"""A client's keys for what is encrypted to it, read with an implementation of JOSE that is not ours."""

import json
from typing import Any

from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK


class EncryptionKey:
    """A key pair of a client; ``jwk`` is what it registers."""

    def __init__(self, alg: str, kid: str = "client-enc") -> None:
        generation: dict[str, Any] = (
            {"kty": "RSA", "size": 2048} if alg.startswith("RSA") else {"kty": "EC", "crv": "P-256"}
        )
        self.alg = alg
        self.pair = JWK.generate(**generation, kid=kid)
        self.jwk: dict[str, Any] = {**self.pair.export_public(as_dict=True), "use": "enc"}

    def read_header(self, token: str) -> dict[str, Any]:
        """The protected header, unverified."""
        unread = JWE()
        unread.deserialize(token)
        header: dict[str, Any] = json.loads(unread.objects["protected"])
        return header

    def decrypt(self, token: str) -> str:
        """What is inside."""
        opened = JWE(algs=[self.alg, str(self.read_header(token)["enc"])])
        opened.deserialize(token, self.pair)
        return str(opened.payload.decode("utf-8"))
