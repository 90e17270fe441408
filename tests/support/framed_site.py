"""A client's site with a front-channel logout address that answers as it is told, and notes who asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

_HOSTILE = b"""<!DOCTYPE html><title>evil</title><base target="_top">
<meta http-equiv="refresh" content="0; url=/evil-refresh">
<style>html, body { position: fixed; inset: 0; z-index: 9999; background: red }</style>
<h1>TYPE YOUR PIN HERE</h1><input autofocus><form id="f" action="/evil-form" target="_top"></form>
<script>
new Image().src = "/evil-script";
document.getElementById("f").submit();
alert("evil"); open("/evil-window"); print();
parent.postMessage("evil", "*");
top.location = "/evil-top";
</script>"""
# What a client's address answers in the frame: status, headers, body. "hang" is none of them.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "signed out": (200, {}, b"<!DOCTYPE html><title>bye</title><link rel=icon href=data:,><img src=/pixel>"),
    "hostile page": (200, {}, _HOSTILE),
    "elsewhere": (302, {}, b""),
    "no frame": (200, {"X-Frame-Options": "DENY"}, _HOSTILE),
    "password": (401, {"WWW-Authenticate": 'Basic realm="Type your PIN"'}, _HOSTILE),
    "failure": (500, {}, _HOSTILE),
    "download": (200, {"Content-Disposition": "attachment; filename=evil.zip"}, b"PK"),
    "itself again and again": (200, {"Refresh": "0; url=/signed-out"}, b"x"),
    "huge": (200, {}, b"<!DOCTYPE html><p>" + b"evil " * 1_000_000),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request to the site: its path, its query, and whether the browser sent the session's cookie."""

    path: str
    query: dict[str, str]
    has_cookie: bool
    referer: str | None


@dataclass
class FramedSite:
    """The site at one of this machine's names; at ``/callback`` it begins a session with a Lax cookie."""

    host: str
    port: int
    answer: str = "signed out"
    elsewhere: str = ""
    asked: list[Asked] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.host}:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """Where its people come back to."""
        return f"{self.origin}/callback"

    @property
    def logout_uri(self) -> str:
        """What the provider's page loads."""
        return f"{self.origin}/signed-out?tenant=1"

    @property
    def cookie_name(self) -> str:
        """Its own: cookies of one host go to all of its ports."""
        return f"session-{self.port}"

    def begin_anew(self) -> None:
        """Forget what was asked, and answer as a client should."""
        self.let_go.set()
        self.asked, self.answer, self.let_go = [], "signed out", threading.Event()

    def told(self) -> list[Asked]:
        """What came to the logout address."""
        return [each for each in self.asked if each.path == "/signed-out"]

    def note(self, path: str, cookies: str, referer: str | None) -> None:
        """Remember one request."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(Asked(parts.path, query, self.cookie_name in SimpleCookie(cookies), referer))


@contextmanager
def running_framed_site(host: str = "127.0.0.1") -> Iterator[FramedSite]:
    """The site for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        site: ClassVar[FramedSite]

        def do_GET(self) -> None:
            site = self.site
            site.note(self.path, self.headers.get("Cookie", ""), self.headers.get("Referer"))
            if not self.path.startswith("/signed-out"):
                begins = self.path.startswith("/callback")
                cookie = {"Set-Cookie": f"{site.cookie_name}=1; HttpOnly; SameSite=Lax"} if begins else {}
                self._send(200, cookie, b"<!DOCTYPE html><title>site</title><link rel=icon href=data:,><h1>site</h1>")
                return
            if site.answer == "hang":
                site.let_go.wait(30)
                return
            status, headers, body = ANSWERS[site.answer]
            leads = {"Location": f"{site.elsewhere}/evil"} if site.answer == "elsewhere" else {}
            self._send(status, {"Cache-Control": "no-store", **headers, **leads}, body)

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that leaves in the middle of an answer is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    Handler.site = FramedSite(host, server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Handler.site
    finally:
        Handler.site.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
