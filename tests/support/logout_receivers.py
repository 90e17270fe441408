"""Relying parties that are told of logouts, on real sockets: each judges its tokens by the standard's own list."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs

from jwcrypto import jwk, jws

Mode = Literal["up", "down", "slow", "failing"]


@dataclass
class Receivers:
    """Receivers by number; ``taken`` are (number, sid) of the logouts they accepted, in order."""

    port: int
    issuer: str
    keys: jwk.JWKSet
    now: Any
    client_ids: dict[int, str] = field(default_factory=dict)
    modes: dict[int, Mode] = field(default_factory=dict)
    taken: list[tuple[int, str]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    jtis: set[str] = field(default_factory=set)
    release: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def uri(self, number: int) -> str:
        """The backchannel_logout_uri of a receiver."""
        return f"http://127.0.0.1:{self.port}/{number}"

    def take(self, number: int, body: bytes) -> int:
        """Judge one call; the status that answers it. Source: Back-Channel Logout §2.6, in its order."""
        form = parse_qs(body.decode("ascii"), strict_parsing=True)
        token = jws.JWS()
        token.deserialize(form["logout_token"][0])
        header = json.loads(token.objects["protected"])
        token.verify(self.keys.get_key(header["kid"]), header["alg"])
        claims = json.loads(token.payload)
        now = self.now().timestamp()
        judged = (
            header["typ"] == "logout+jwt",
            claims["iss"] == self.issuer,
            claims["aud"] == self.client_ids[number],
            claims["iat"] - 1 <= now <= claims["exp"] <= claims["iat"] + 120,
            bool(claims["sub"]) and bool(claims["sid"]),
            claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}},
            "nonce" not in claims,
            claims["jti"] not in self.jtis,
        )
        if not all(judged):
            return 400
        with self._lock:
            self.jtis.add(claims["jti"])
            self.taken.append((number, claims["sid"]))
        return 200


@contextmanager
def running_receivers(issuer: str, jwks: bytes, now: Any) -> Iterator[Receivers]:
    """Receivers until the block ends; all are up unless ``modes`` says otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            number = int(self.path.removeprefix("/"))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receivers.calls.append(number)
            mode = receivers.modes.get(number, "up")
            if mode == "slow":
                receivers.release.wait(20)
            if mode in ("slow", "down"):
                self.close_connection = True
                return
            status = receivers.take(number, body) if mode == "up" else 503
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the test asks ``calls``."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    keys = jwk.JWKSet.from_json(jwks.decode())
    receivers = Receivers(server.server_address[1], issuer, keys, now)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receivers
    finally:
        receivers.release.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
