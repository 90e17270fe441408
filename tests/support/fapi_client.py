"""A client of the FAPI 2.0 profiles: pushes, proves itself by its key, binds its tokens; or does one thing wrongly."""

import json
import secrets
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.clock import to_epoch_seconds
from tests.support.client_assertion import KeyedClient
from tests.support.dpop_key import DPoPKey
from tests.support.provider import ISSUER, Provider

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class FapiClient(KeyedClient):
    """One client with its DPoP key."""

    def __init__(self, provider: Provider, profile: str = "fapi2", **metadata: Any) -> None:
        super().__init__(provider, profile=profile, **metadata)
        self.dpop = DPoPKey("fapi")
        self._http = HttpClient(provider.app, use_cookies=False)

    def proof(self, path: str, method: str = "POST", **changed: Any) -> str:
        return self.dpop.proof(method, ISSUER + path, self.provider.clock(), **changed)

    def credentials(self, audience: str = ISSUER) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(audience),
        }

    def post(self, path: str, form: dict[str, str], proof: str | None = None) -> TestResponse:
        headers = {} if proof is None else {"DPoP": proof}
        return self._http.post(path, base_url=ISSUER, data=form, headers=headers)

    def push(self, audience: str = ISSUER, **changes: str | None) -> TestResponse:
        return self.post("/par", self.party.request(**changes) | self.credentials(audience))

    def request_object(self, key: ECKey | RSAKey | None = None, alg: str = "ES256", **changes: str | None) -> str:
        """FAPI 2.0 Message Signing §5.3: the request, signed."""
        now = to_epoch_seconds(self.provider.clock())
        claims: dict[str, Any] = {
            **self.party.request(**changes),
            "iss": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": alg, "typ": "oauth-authz-req+jwt"}
        return jws.serialize_compact(header, json_bytes(claims), key or self.key, algorithms=[alg])

    def begun(self, pushed: TestResponse) -> dict[str, str]:
        """What the browser is sent to /authorize with."""
        assert pushed.status_code == 201, pushed.get_data()
        return {"client_id": self.client_id, "request_uri": pushed.get_json()["request_uri"]}

    def redeem(self, code: str, proof: str | None, audience: str = ISSUER) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.party.client.redirect_uris[0],
            "code_verifier": self.party.verifier_of(code),
        }
        return self.post("/token", form | self.credentials(audience), proof)

    def refresh(self, token: str, proof: str | None) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("/token", form | self.credentials(), proof)

    def userinfo(self, token: str, proof: str | None, scheme: str = "DPoP") -> TestResponse:
        headers = {"Authorization": f"{scheme} {token}"} | ({} if proof is None else {"DPoP": proof})
        return self._http.get("/userinfo", base_url=ISSUER, headers=headers)


def json_bytes(claims: dict[str, Any]) -> bytes:
    """Claims as a JWS payload."""
    return json.dumps(claims).encode()
