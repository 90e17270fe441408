"""A presenter with a test person's key in this process, written from ``docs/card-presenter-protocol.md``.

It shares no code with ``idp.presenter``: what both agree on is the protocol.
"""

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from werkzeug.test import Client, TestResponse

from idp.sandbox.pki import IssuedCertificate
from idp.web.security_headers import WsgiApplication

FORMAT = "mynumber-card/1"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_bytes(issuer: str, nonce: str, transaction: dict[str, Any], purpose: str = "user-authentication") -> bytes:
    """M of protocol §3.3."""
    canonical = json.dumps(transaction, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = (issuer.encode(), nonce.encode(), canonical.encode())
    return f"mynumber-idp/v1/{purpose}\0".encode() + b"".join(hashlib.sha256(part).digest() for part in parts)


def sign(card: IssuedCertificate, message: bytes) -> tuple[str, bytes]:
    """Algorithm and signature as the card's key makes them."""
    key = card.private_key
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256", key.sign(message, padding.PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA384())))
    return "ES384", r.to_bytes(48, "big") + s.to_bytes(48, "big")


class PresenterDouble:
    """One presenter with one card; it remembers what it was shown."""

    def __init__(self, app: WsgiApplication, issuer: str, card: IssuedCertificate, handle: str) -> None:
        self.issuer = issuer
        self.card = card
        self.handle = handle
        self.secret_bytes = secrets.token_bytes(32)
        self.nonce = ""
        self.purpose = "user-authentication"
        self.transaction: dict[str, Any] = {}
        self._http = Client(app, use_cookies=False)

    @property
    def secret(self) -> str:
        return base64url(self.secret_bytes)

    @property
    def commitment(self) -> str:
        return base64url(hashlib.sha256(self.secret_bytes).digest())

    def call(self, what: str, body: bytes, **headers: str) -> TestResponse:
        """One request with raw bytes; a header given as ``Content_Type`` replaces the usual one."""
        sent = {"Authorization": f"Handle {self.handle}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.post(f"/card/{what}", base_url=self.issuer, data=body, headers=sent)

    def open(self) -> TestResponse:
        """Ask for the transaction."""
        answer = self.call("open", json.dumps({"format": FORMAT, "commitment": self.commitment}).encode())
        if answer.status_code == 200:
            opened = answer.get_json()
            assert opened["issuer"] == self.issuer
            self.nonce, self.transaction = opened["nonce"], opened["transaction"]
            self.purpose = opened["purpose"]
        return answer

    def proof(self, **changes: str) -> dict[str, str]:
        """The members of a proof over the present nonce."""
        algorithm, signature = sign(self.card, signed_bytes(self.issuer, self.nonce, self.transaction, self.purpose))
        members = {
            "format": FORMAT,
            "secret": self.secret,
            "unverified_certificate": base64.b64encode(self.card.certificate_der).decode(),
            "algorithm": algorithm,
            "signature": base64url(signature),
            "presenter": "double/1",
        }
        return members | changes

    def prove(self, proof: dict[str, str] | None = None) -> TestResponse:
        """Send a proof; after a refusal the next nonce is remembered."""
        answer = self.call("proof", json.dumps(proof or self.proof()).encode())
        refused = answer.get_json()
        if refused.get("next_nonce"):
            self.nonce = refused["next_nonce"]
        return answer

    def cancel(self, reason: str = "cancelled") -> TestResponse:
        """Stop."""
        return self.call("cancel", json.dumps({"format": FORMAT, "secret": self.secret, "reason": reason}).encode())

    def present(self) -> str:
        """Open and prove; the return address."""
        assert self.open().status_code == 200
        answer = self.prove()
        assert answer.status_code == 200, answer.get_data()
        return str(answer.get_json()["return_url"])
