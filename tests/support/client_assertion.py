"""A client that authenticates with its own key, wherever it calls."""

import secrets
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.clock import to_epoch_seconds
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


class KeyedClient:
    """A registered client of ``private_key_jwt`` with its key."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        self.provider = provider
        self.key = ECKey.generate_key("P-256", {"use": "sig"}, private=True)
        self.party: RelyingParty = provider.relying_party(
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [self.key.as_dict(private=False)]},
            **metadata,
        )

    @property
    def client_id(self) -> str:
        return self.party.client.client_id

    def assertion(self, audience: str, key: ECKey | None = None, **changes: Any) -> str:
        """A fresh client assertion; ``changes`` replace claims."""
        now = to_epoch_seconds(self.provider.clock())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode({"alg": "ES256"}, claims | changes, key or self.key)

    def evidence_url(self, txn: str) -> str:
        return f"{self.provider.settings.issuer}/evidence/{txn}"

    def get_evidence(self, txn: str, assertion: str | None = None) -> TestResponse:
        """Ask for the evidence of a sign-in."""
        bearer = assertion or self.assertion(self.evidence_url(txn))
        return get(self.provider, f"/evidence/{txn}", Authorization=f"Bearer {bearer}")


def get(provider: Provider, path: str, **headers: str) -> TestResponse:
    """One GET by a machine."""
    http = HttpClient(provider.app, use_cookies=False)
    return http.get(path, base_url=provider.settings.issuer, headers=headers)
