"""A provider on a loopback port, written from the protocol. It verifies with rfc8785 and cryptography."""

import base64
import hashlib
import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

import rfc8785
from build_vectors import HANDLE, NONCE, PLAIN
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

Reply = tuple[int, dict[str, Any]]
DISCOVERY: Final = "/.well-known/openid-configuration"


@dataclass
class Recorded:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Behaviour:
    """What a test changes: members of answers, raw answers in turn, answers that get lost."""

    is_sandbox: bool = True
    purpose: str = "user-authentication"
    transaction: dict[str, Any] = field(default_factory=lambda: dict(PLAIN))
    raw_replies: dict[str, list[bytes]] = field(default_factory=dict)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    answers_to_lose: dict[str, int] = field(default_factory=dict)
    return_url: str | None = None
    expires_in: int = 287


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class ProviderDouble:
    """The endpoints of one transaction."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.behaviour = Behaviour()
        self.requests: list[Recorded] = []
        self.commitment = ""
        self.nonce = NONCE
        self.proven_bodies: set[bytes] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.issuer = f"{'http' if tls is None else 'https'}://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def __enter__(self) -> "ProviderDouble":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def link(self) -> str:
        """The link in a page."""
        digest = hashlib.sha256(self.issuer.encode()).digest()[:16]
        return f"mynumber-card:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}.{HANDLE}"

    @property
    def return_url(self) -> str:
        """What a good proof earns."""
        return f"{self.issuer}/card/return/{'z' * 43}"

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.requests]

    def cancel_reasons(self) -> list[str]:
        """The reasons heard."""
        return [json.loads(r.body)["reason"] for r in self.requests if r.path == "/card/cancel"]

    def reply(self, request: Recorded) -> Reply:
        """The answer of the protocol to a request."""
        if request.path == DISCOVERY:
            return 200, {"issuer": self.issuer, "sandbox": self.behaviour.is_sandbox, "response_types_supported": []}
        body = json.loads(request.body)
        is_closed = request.headers.get("Authorization") == f"Handle {HANDLE}" and "Origin" not in request.headers
        if not is_closed or request.headers.get("Content-Type") != "application/json":
            return 401, {"error": "invalid_handle", "reference": "R1"}
        if request.path == "/card/open":
            return self._open(body)
        secret = hashlib.sha256(_decode(body["secret"])).digest()
        if secret != _decode(self.commitment):
            return 401, {"error": "invalid_secret", "reference": "R2"}
        return (200, {}) if request.path == "/card/cancel" else self._prove(request.body, body)

    def _open(self, body: dict[str, Any]) -> Reply:
        if self.commitment not in ("", body["commitment"]):
            return 410, {"error": "already_opened", "reference": "R3"}
        self.commitment = body["commitment"]
        return 200, {
            "format": "mynumber-card/1",
            "issuer": self.issuer,
            "purpose": self.behaviour.purpose,
            "nonce": self.nonce,
            "transaction": self.behaviour.transaction,
            "expires_in": self.behaviour.expires_in,
        }

    def _prove(self, raw: bytes, body: dict[str, Any]) -> Reply:
        if raw not in self.proven_bodies:
            signed = f"mynumber-idp/v1/{self.behaviour.purpose}\0".encode() + b"".join(
                hashlib.sha256(part).digest()
                for part in (self.issuer.encode(), self.nonce.encode(), rfc8785.dumps(self.behaviour.transaction))
            )
            certificate = x509.load_der_x509_certificate(
                base64.b64decode(body["unverified_certificate"], validate=True)
            )
            key = certificate.public_key()
            assert isinstance(key, rsa.RSAPublicKey)
            key.verify(_decode(body["signature"]), signed, padding.PKCS1v15(), SHA256())
            self.proven_bodies.add(raw)
        return 200, {"return_url": self.behaviour.return_url or self.return_url}

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                request = Recorded(self.path, dict(self.headers.items()), body)
                provider.requests.append(request)
                behaviour = provider.behaviour
                if behaviour.raw_replies.get(self.path):
                    self.wfile.write(behaviour.raw_replies[self.path].pop(0))
                    self.close_connection = True
                    return
                planned = behaviour.replies.get(self.path)
                status, answer = planned.pop(0) if planned else provider.reply(request)
                provider.nonce = answer.get("next_nonce") or provider.nonce
                if behaviour.answers_to_lose.get(self.path, 0) > 0:
                    behaviour.answers_to_lose[self.path] -= 1
                    self.close_connection = True
                    return
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
