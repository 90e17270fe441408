"""A person without a screen: opens the pages in an HTTP browser and holds a card to the real agent."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.http_browser import HttpBrowser, Page, new_http_client
from tests.support.running_provider import PIN, ROOT, RegisteredClient

# RFC 8176: a smart card with its PIN.
CARD_AMR = frozenset({"sc", "pin"})
_MOST_PAGES = 10


@dataclass
class Request:
    """One authorization request of a client, with what the client keeps for itself."""

    client: RegisteredClient
    parameters: dict[str, str] = field(default_factory=dict)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def path(self) -> str:
        """The path and query at the provider."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        members = {
            "client_id": self.client.client_id, "redirect_uri": self.client.redirect_uri, "response_type": "code",
            "scope": "openid", "state": self.state, "nonce": self.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256", **self.parameters,
        }  # fmt: skip
        return "/authorize?" + urlencode(members)


@dataclass(frozen=True)
class Agent:
    """The desktop agent as a program, with the providers it knows and the card it is held to."""

    directory: Path
    issuer: str
    card: str
    environ: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def start(self, link: str) -> Iterator[subprocess.Popen[str]]:
        """Start it with a link of a page; it waits for a PIN on standard input."""
        issuers = self.directory / "issuers.toml"
        issuers.write_text(f'issuers = ["{self.issuer}"]\n', encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
        own = {"PYTHONPATH": str(ROOT / "agent"), "HOME": str(self.directory), "LANG": "C.UTF-8"}
        with subprocess.Popen(
            [sys.executable, "-m", "mynumber_card_agent", "open", "--card", self.card, "--pin-stdin",
             "--print-return-url", "--issuers", str(issuers), "--", link],
            env={**clean, **self.environ, **own}, cwd=self.directory, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def open(self, link: str, *, pin: str = PIN) -> subprocess.CompletedProcess[str]:
        """Run it to its end; on standard output the return address."""
        with self.start(link) as process:
            out, err = process.communicate(f"{pin}\n", timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def return_url(self, link: str) -> str:
        """The return address of a sign-in that succeeds."""
        done = self.open(link)
        assert done.returncode == 0, f"the agent ended with {done.returncode}:\n{done.stderr}"
        return done.stdout.strip()


def go_on(browser: HttpBrowser, page: Page, agent: Agent | None, person: str = "hanako") -> Page:
    """Do what the page asks for; without an agent by the sandbox's page."""
    if any(link.startswith("mynumber-card:") for link in page.links):
        if agent is not None:
            return browser.open(agent.return_url(page.card_link))
        return browser.submit(browser.open(page.sandbox_link), page.sandbox_link, person=person, outcome="ok")
    if page.has_form("/new-browser"):
        return browser.submit(page, "/new-browser")
    if page.has_form("/consent"):
        return browser.submit(page, "/consent", decision="allow")
    raise AssertionError(f"{page.status} at {page.address}: {page.headings}")


def finish(browser: HttpBrowser, page: Page, agent: Agent | None = None, person: str = "hanako") -> Page:
    """Go on until the browser is sent to the client."""
    for _ in range(_MOST_PAGES):
        if page.left_for is not None:
            return page
        page = go_on(browser, page, agent, person)
    raise AssertionError(f"no end at {page.address}: {page.headings}")


def sign_in(browser: HttpBrowser, request: Request, agent: Agent | None = None, person: str = "hanako") -> Page:
    """A whole sign-in, until the browser is sent to the client with its code."""
    page = finish(browser, browser.open(request.path), agent, person)
    assert page.answer["state"] == request.state, page.left_for
    assert page.answer["iss"] == browser.issuer
    return page


class BackChannel:
    """What a client's server asks of the provider."""

    def __init__(self, issuer: str, http: httpx.Client | None = None) -> None:
        self.issuer = issuer
        self.http = http or new_http_client()

    def token(self, client: RegisteredClient, **form: str) -> httpx.Response:
        """The token endpoint, with the secret in the header."""
        assert client.client_secret is not None
        return self.http.post(f"{self.issuer}/token", data=form, auth=(client.client_id, client.client_secret))

    def redeem(self, request: Request, code: str) -> httpx.Response:
        """Exchange a code."""
        return self.token(
            request.client, grant_type="authorization_code", code=code, redirect_uri=request.client.redirect_uri,
            code_verifier=request.verifier,
        )  # fmt: skip

    def userinfo(self, access_token: str) -> httpx.Response:
        """The userinfo endpoint."""
        return self.http.get(f"{self.issuer}/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def claims(self, id_token: str) -> dict[str, Any]:
        """The claims of an ID token whose signature a published key verifies."""
        keys = KeySet.import_key_set(self.http.get(f"{self.issuer}/jwks").json())
        return jwt.decode(id_token, keys, algorithms=["ES256", "RS256"]).claims


def check_id_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float, amr: frozenset[str] = CARD_AMR
) -> None:
    """Establish that an ID token says everything that the project promises of it."""
    assert claims["iss"] == issuer
    assert claims["aud"] == client_id or claims["aud"] == [client_id]
    assert claims["nonce"] == nonce
    assert len(claims["sub"]) >= 22
    assert abs(claims["iat"] - now) < 60
    assert claims["exp"] > now
    assert claims["auth_time"] <= claims["iat"] + 1
    assert abs(claims["auth_time"] - now) < 3600
    assert claims["acr"] == f"{issuer}/acr/user-authentication"
    assert set(claims["amr"]) == amr
