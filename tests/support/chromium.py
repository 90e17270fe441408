"""Debian's Chromium, driven by Playwright, and the site it is sent back to; whatever a page complains of is kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser for as long as the block lasts; people in it are its contexts."""
    if not EXECUTABLE.exists():
        pytest.fail("run: apt-get install -y --no-install-recommends chromium fonts-noto-cjk")
    # Chromium's own sandbox refuses root; it opens pages of ours only.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(EXECUTABLE), headless=True, args=[*_ARGUMENTS, *as_root]
        )
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """One person's browser: cookies of its own, any number of tabs, and what the pages complained of."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(15_000)
        self.complaints: list[str] = []

    def new_tab(self) -> Page:
        """A tab whose console is listened to; violations of the content security policy are said there."""
        tab = self.context.new_page()
        tab.on("console", self._listen)
        tab.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        return tab

    def close(self) -> None:
        """Leave, after checking that no page complained."""
        self.context.close()
        assert self.complaints == []

    def _listen(self, message: ConsoleMessage) -> None:
        # That an answer had status 4xx is said there too; pages that refuse have one, rightly.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")


class ClientSite:
    """The client's site: any address answers, and what the callback was given is kept."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self.redirect_uri = f"{self.origin}/callback"
        self.answers: list[dict[str, str]] = []
        self.posted: list[dict[str, str]] = []

    def answer_at(self, address: str) -> dict[str, str]:
        """The parameters in an address of this site's callback."""
        assert address.startswith(self.redirect_uri + "?"), address
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def running_client_site() -> Iterator[ClientSite]:
    """The site for as long as the block lasts, on another name of this machine than the provider's."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        site: ClassVar[ClientSite]

        def do_GET(self) -> None:
            if self.path.startswith("/callback?"):
                self.site.answers.append(self.site.answer_at(self.site.origin + self.path))
            body = b"<!DOCTYPE html><title>site</title><link rel=icon href=data:,><h1>The client's site</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
            if self.path == "/callback":
                self.site.posted.append({name: values[0] for name, values in parse_qs(body).items()})
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.site = ClientSite(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Handler.site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
