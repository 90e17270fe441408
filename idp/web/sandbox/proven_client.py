"""Whose client it is: whoever has its secret or its registration access token, remembered for half an hour.

Only for clients that registered themselves here; an operator's clients are the operator's, who has ``idp client``.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import hash_secret
from idp.keys.errors import Unsealable
from idp.oidc.client import Client
from idp.oidc.registered_clients import FindsClients
from idp.oidc.registration_ports import RegistrationStore
from idp.web.http import Request
from idp.web.site import Site

PROVEN_COOKIE: Final = "requests"
_PURPOSE: Final = "sandbox-requests"
_REMEMBERED: Final = timedelta(minutes=30)
_LIMIT_CHARACTERS: Final = 1024


@dataclass(frozen=True, slots=True)
class Proof:
    """A client and the hash of what proved it; not the secret itself, which nothing here keeps."""

    client_id: str
    credential_hash: bytes

    @classmethod
    def of(cls, client_id: str, unverified_credential: str) -> "Proof":
        """What somebody typed."""
        return cls(client_id, hash_secret(unverified_credential))


class ProvenClients:
    """Judges proofs, and keeps a good one sealed in the browser's cookie."""

    def __init__(self, site: Site, clients: FindsClients, registrations: RegistrationStore) -> None:
        self._site = site
        self._clients = clients
        self._registrations = registrations

    def find(self, proof: Proof, now: datetime) -> Client | None:
        """The self-registered client of a proof; None for every other pair, for whatever reason.

        Source: RFC 7592 §2 (the registration access token); RFC 6749 §2.3.1 (the secret).
        """
        registered = self._registrations.find_registration(proof.client_id, proof.credential_hash, now)
        if registered is not None:
            return registered.client
        client = self._clients.find_client(proof.client_id)
        if client is None or client.secret_hash is None or not client.options.is_self_registered:
            return None
        return client if hmac.compare_digest(client.secret_hash, proof.credential_hash) else None

    def remember(self, proof: Proof, now: datetime) -> tuple[str, str]:
        """The header that keeps a proof for this browser, so that the page can be loaded again."""
        until = to_epoch_seconds(now + _REMEMBERED)
        plain = json.dumps([proof.client_id, proof.credential_hash.hex(), until]).encode("ascii")
        sealed = self._site.sealer.seal(_PURPOSE, b"", plain)
        return self._site.cookies.set(PROVEN_COOKIE, sealed, int(_REMEMBERED.total_seconds()))

    def find_remembered(self, request: Request, now: datetime) -> Client | None:
        """The client that this browser has proven, judged anew: its secret may have been changed since."""
        sealed = self._site.cookies.find(request, PROVEN_COOKIE)
        if not sealed or len(sealed) > _LIMIT_CHARACTERS:
            return None
        try:
            client_id, credential_hash, until = json.loads(self._site.sealer.unseal(_PURPOSE, b"", sealed))
        except Unsealable:
            return None
        if from_epoch_seconds(until) <= now:
            return None
        return self.find(Proof(client_id, bytes.fromhex(credential_hash)), now)

    def forget(self) -> tuple[str, str]:
        """The header that ends it."""
        return self._site.cookies.delete(PROVEN_COOKIE)
