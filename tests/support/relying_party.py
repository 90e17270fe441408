"""A client of the provider that calls its endpoints in this process."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.oidc.client import Client
from idp.web.security_headers import WsgiApplication
from tests.support.browser import Browser


class RelyingParty:
    """One registered client; each ``request`` is one authorization request with its verifier, the newest of which is
    ``code_verifier``."""

    def __init__(self, app: WsgiApplication, issuer: str, client: Client, secret: str | None) -> None:
        self.issuer = issuer
        self.client = client
        self.secret = secret
        self.code_verifier = ""
        # By state; by code as soon as it has come back with one.
        self._verifiers: dict[str, str] = {}
        self._http = HttpClient(app, use_cookies=False)

    def at(self, app: WsgiApplication) -> "RelyingParty":
        """The same client at a provider that was started again."""
        return RelyingParty(app, self.issuer, self.client, self.secret)

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a new authorization request; None leaves one out."""
        state = secrets.token_urlsafe(8)
        self.code_verifier = self._verifiers[state] = secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.code_verifier.encode()).digest()
        parameters: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "response_type": "code",
            "scope": " ".join(self.client.scope),
            "state": state,
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (parameters | changes).items() if value is not None}

    def push(self, **changes: str | None) -> TestResponse:
        """Push a new authorization request."""
        return self.post("/par", self.request(**changes))

    def pushed(self, **changes: str | None) -> dict[str, str]:
        """The parameters that are left for the browser after a push."""
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.get_data()
        return {"client_id": self.client.client_id, "request_uri": answer.get_json()["request_uri"]}

    def answer(self, response: TestResponse) -> dict[str, str]:
        """The parameters with which a browser came back."""
        location = response.headers["Location"]
        assert location.startswith(self.client.redirect_uris[0]), location
        assert response.status_code == 303
        answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        if "code" in answer and answer.get("state") in self._verifiers:
            self._verifiers[answer["code"]] = self._verifiers[answer["state"]]
        return answer

    def verifier_of(self, code: str) -> str:
        """The verifier of the request that a code answers; the newest one where the answer was not seen here."""
        return self._verifiers.get(code, self.code_verifier)

    def code(self, response: TestResponse) -> str:
        """The code with which a browser came back."""
        return self.answer(response)["code"]

    def redeem(self, code: str, **changes: str) -> TestResponse:
        """Exchange a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "code_verifier": self.verifier_of(code),
        }
        return self.post("/token", form | changes)

    def refresh(self, refresh_token: str) -> TestResponse:
        """Exchange a refresh token."""
        return self.post("/token", {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def post(self, path: str, form: dict[str, str], **headers: str) -> TestResponse:
        """Call an endpoint with this client's secret."""
        basic = base64.b64encode(f"{self.client.client_id}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", **headers}
        return self._http.post(path, base_url=self.issuer, data=form, headers=headers)

    def userinfo(self, access_token: str) -> TestResponse:
        """Ask for the claims."""
        return self._http.get("/userinfo", base_url=self.issuer, headers={"Authorization": f"Bearer {access_token}"})

    def tokens(self, response: TestResponse) -> dict[str, Any]:
        """The tokens of a browser that came back with a code."""
        answer = self.redeem(self.code(response))
        assert answer.status_code == 200, answer.get_data()
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token, its signature verified against the published keys."""
        keys = jwk.KeySet.import_key_set(self._http.get("/jwks", base_url=self.issuer).get_json())
        return dict(jwt.decode(id_token, keys, algorithms=["ES256", "RS256"]).claims)

    def sub(self, tokens: dict[str, Any]) -> str:
        """Who signed in."""
        return str(self.claims(tokens["id_token"])["sub"])

    def sign_in(self, browser: Browser, person: str = "hanako", **changes: str) -> dict[str, Any]:
        """A whole sign-in by the sandbox page, to the tokens."""
        browser.authorize(self.request(**changes))
        if browser.last.status_code == 200:
            browser.use_sandbox_card(person)
            browser.agree()
        return self.tokens(browser.last)
