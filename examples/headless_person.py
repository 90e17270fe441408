"""A person without a screen: follows links, fills the forms, holds the test card to the real card app."""

import html
import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

PIN = "1234"
SIGNING_PASSWORD = "ABC123"
MOST_PAGES = 12


class Browser:
    """A browser as far as this needs one: cookies, redirects, forms."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.address = ""
        self.page = ""

    def open(self, address: str, form: dict[str, str] | None = None) -> None:
        """Go to an address, with a form where one is given."""
        data = None if form is None else urllib.parse.urlencode(form).encode("ascii")
        target = urllib.parse.urljoin(self.address, address)
        with self._opener.open(urllib.request.Request(target, data), timeout=30) as response:
            self.address = response.geturl()
            self.page = response.read().decode("utf-8")

    def submit(self, action_ends_with: str, **values: str) -> None:
        """Send the page's form whose action ends so, with its hidden fields."""
        for action, body in re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.page, re.DOTALL):
            if action.endswith(action_ends_with):
                hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
                self.open(html.unescape(action), {**dict(hidden), **values})
                return
        raise SystemExit(f"no form {action_ends_with} on {self.address}")


def sign_in_headless(
    relying_party: str, issuer: str, card_port: int, state: Path, *, button: str = "/login", shows: str = "id-token"
) -> dict[str, Any]:
    """Press a button at the relying party and go through with it.

    Returns: what the relying party shows at the end: the claims of the ID token it verified, or its userinfo.
    """
    browser = Browser()
    browser.open(f"{relying_party}{button}")
    for _ in range(MOST_PAGES):
        shown = re.search(rf'<pre id="{shows}">(.*?)</pre>', browser.page, re.DOTALL)
        if shown:
            claims: dict[str, Any] = json.loads(html.unescape(shown[1]))
            return claims
        go_on(browser, issuer, card_port, state)
    raise SystemExit(f"the sign-in did not come to an end; it stands at {browser.address}")


def go_on(browser: Browser, issuer: str, card_port: int, state: Path) -> None:
    """Do what the present page asks for."""
    link = re.search(r'href="(mynumber-card:[^"]+)"', browser.page)
    if link:
        print("The page opens the card app, which shows:\n", flush=True)
        secret = SIGNING_PASSWORD if "署名用電子証明書で署名" in browser.page else PIN
        browser.open(use_card_app(html.unescape(link[1]), issuer, card_port, state, secret))
    elif "/new-browser" in browser.page:
        print("This browser has not seen the card before: yes, this is mine.")
        browser.submit("/new-browser")
    elif "/consent" in browser.page:
        ticked = dict.fromkeys(
            re.findall(r'type="checkbox"[^>]* name="([^"]*)" value="on" checked', browser.page), "on"
        )
        print(f"Consent to what the relying party will learn: allowed{': ' if ticked else ''}{', '.join(ticked)}.")
        browser.submit("/consent", decision="allow", **ticked)
    else:
        raise SystemExit(f"{browser.address} says: {re.findall('<h1>(.*?)</h1>', browser.page)}")


def use_card_app(link: str, issuer: str, card_port: int, state: Path, secret: str) -> str:
    """Hold the test card to the real card app and type its PIN, or the password of its signing key.

    Returns: the address that the app would open in the browser.
    """
    issuers = state / "issuers.toml"
    issuers.write_text(f'issuers = ["{issuer}"]\n', encoding="utf-8")
    command = [
        sys.executable, "-m", "mynumber_card_agent", "open", "--issuers", str(issuers),
        "--card", f"socket:127.0.0.1:{card_port}", "--pin-stdin", "--print-return-url", "--", link,
    ]  # fmt: skip
    done = subprocess.run(command, input=secret + "\n", check=False, capture_output=True, text=True)
    print("\n".join(f"    {line}" for line in done.stderr.splitlines()), flush=True)
    if done.returncode:
        raise SystemExit(f"the card app refused with exit code {done.returncode}")
    return done.stdout.strip()
