"""A client's DPoP key, made and used by jwcrypto: another implementation than the provider's."""

import base64
import hashlib
import json
import secrets
from datetime import datetime
from functools import cache
from typing import Any, Final

from jwcrypto import jwk, jws

_KINDS: Final[dict[str, dict[str, Any]]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "PS256": {"kty": "RSA", "size": 2048},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}


@cache
def _generate(alg: str, name: str) -> jwk.JWK:
    return jwk.JWK.generate(**_KINDS[alg])


class DPoPKey:
    """One key; ``proof`` makes what a correct client would send, unless told otherwise."""

    def __init__(self, name: str = "owner", alg: str = "ES256") -> None:
        self.alg = alg
        self.key = _generate(alg, name)

    @property
    def thumbprint(self) -> str:
        """RFC 7638, as jwcrypto computes it."""
        return str(self.key.thumbprint())

    @property
    def public(self) -> dict[str, Any]:
        """The public JWK."""
        return dict(self.key.export_public(as_dict=True))

    def proof(
        self,
        method: str,
        url: str,
        now: datetime,
        *,
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        **changed: Any,
    ) -> str:
        """A proof; ``header`` and ``changed`` replace members, None leaves one out."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url,
            "iat": int(now.timestamp()),
        }
        if access_token is not None:
            digest = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        members = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.public} | (header or {})
        return self.sign(_without_none(members), _without_none(claims | changed))

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """The compact JWS of a header and claims, whatever they are."""
        head = ".".join(encode_json(part) for part in (header, claims))
        # The signature is jwcrypto's, over bytes of ours, since it would not sign every header that a test wants.
        signer = jws.JWSCore(self.alg, self.key, json.dumps({"alg": self.alg}), b"")
        signature = signer.engine.sign(self.key, head.encode())
        return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def encode_json(value: object) -> str:
    """A part of a compact JWS."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
