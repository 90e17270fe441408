"""A client that signs its requests, and what receives them."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from idp.clock import to_epoch_seconds
from idp.keys.errors import NotDecryptable
from idp.oidc.client import Client
from idp.oidc.parameters import Parameters
from idp.oidc.received_request import ReceivedRequest
from idp.oidc.request_sources import RequestSources, receive_request
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce, MemoryPushed
from tests.unit.oidc.samples import (
    ISSUER,
    NOW,
    authorization_parameters,
    ec_key,
    make_assertion_client,
    rsa_key,
)

CLIENT = make_assertion_client()
REQUEST = dict(authorization_parameters().pairs)


def claims_with(**changed: Any) -> dict[str, Any]:
    """The claims of a good request object; Ellipsis leaves one out."""
    now = to_epoch_seconds(NOW)
    claims = {"iss": "rp", "aud": ISSUER, "exp": now + 60, "iat": now, "nbf": now, "jti": "jti-1", **REQUEST, **changed}
    return {name: value for name, value in claims.items() if value is not ...}


def sign(
    claims: dict[str, Any] | bytes | None = None,
    alg: str = "ES256",
    key: ECKey | RSAKey | None = None,
    **header: Any,
) -> str:
    """A compact JWS by the client's key."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims or claims_with()).encode()
    used = key or (ec_key() if alg.startswith("ES") else rsa_key())
    members = {"alg": alg, "typ": "oauth-authz-req+jwt", **header}
    return jws.serialize_compact({n: v for n, v in members.items() if v is not ...}, payload, used, algorithms=[alg])


def raw(header: object, payload: object, signature: bytes = b"x") -> str:
    """A JWS put together by hand, for headers that no library writes."""
    parts = (header if isinstance(header, bytes) else json.dumps(header).encode() for header in (header, payload))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


class ReversingDecrypter:
    """A double of the provider's encryption keys: five parts, of which the second is the plaintext in base64url."""

    def decrypt(self, unverified_compact: str) -> bytes:
        parts = unverified_compact.split(".")
        if len(parts) != 5 or parts[0] != "double":
            raise NotDecryptable
        return base64.urlsafe_b64decode(parts[1] + "==")

    @staticmethod
    def encrypt(plaintext: str) -> str:
        return f"double.{base64.urlsafe_b64encode(plaintext.encode()).rstrip(b'=').decode()}.x.x.x"


@dataclass
class World:
    client: Client = CLIENT
    once: MemoryOnce = field(default_factory=MemoryOnce)
    pushed: MemoryPushed = field(default_factory=MemoryPushed)
    decrypter: ReversingDecrypter | None = None

    @property
    def sources(self) -> RequestSources:
        return RequestSources(ISSUER, MemoryClients(self.client), self.pushed, self.once, self.decrypter)

    def receive(self, unverified_object: str, **outside: str | None) -> ReceivedRequest:
        members = {"client_id": "rp", "request": unverified_object, **outside}
        # Not by way of a form, whose own limits would speak first.
        parameters = Parameters("", tuple((name, value) for name, value in members.items() if value is not None), None)
        return receive_request(parameters, self.sources, NOW)
