"""From a WSGI environ to a request value, and from a response value to WSGI: limits first, then reading.

Source: PEP 3333; RFC 9110 §5; RFC 9112 §6; RFC 9440 §2.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from idp.web.http import Request, Response

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HEADER_LIMIT_BYTES: Final = 16 * 1024
QUERY_LIMIT_BYTES: Final = 16 * 1024
_REASONS: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class RequestTooLarge(Exception):
    """The request passes a limit of bytes; ``status`` is 413, 414 or 431."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class MalformedRequest(Exception):
    """The request's framing is not HTTP as this provider reads it."""


class RequestReader:
    """Reads requests under this installation's limits and trusted proxies."""

    def __init__(self, body_limit_bytes: int, trusted_proxies: Sequence[Network], certificate_header: str = "") -> None:
        self._body_limit_bytes = body_limit_bytes
        self._trusted_proxies = tuple(trusted_proxies)
        self._certificate_key = f"HTTP_{certificate_header.upper().replace('-', '_')}" if certificate_header else ""

    def read(self, environ: Environ, path_values: Mapping[str, str] | None = None) -> Request:
        """The request value of an environ.

        Raises: RequestTooLarge, MalformedRequest.
        """
        headers = _read_headers(environ)
        query = environ.get("QUERY_STRING", "")
        if len(query) > QUERY_LIMIT_BYTES:
            raise RequestTooLarge(414)
        return Request(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", ""),
            query=query,
            headers=headers,
            body=self._read_body(environ) if environ["REQUEST_METHOD"] in ("POST", "PUT") else b"",
            client_address=self.client_address(environ),
            path_values=path_values or {},
            client_certificate=self._client_certificate(environ),
        )

    def _read_body(self, environ: Environ) -> bytes:
        declared = environ.get("CONTENT_LENGTH") or ""
        stream = environ["wsgi.input"]
        if declared:
            if not (declared.isascii() and declared.isdigit()):
                raise MalformedRequest
            # Twelve digits are more than any limit; a longer number is not worth converting.
            if len(declared) > 12 or int(declared) > self._body_limit_bytes:
                raise RequestTooLarge(413)
            body: bytes = stream.read(int(declared))
            if len(body) != int(declared):
                raise MalformedRequest
            return body
        if environ.get("wsgi.input_terminated"):
            body = stream.read(self._body_limit_bytes + 1)
            if len(body) > self._body_limit_bytes:
                raise RequestTooLarge(413)
            return body
        return b""

    def client_address(self, environ: Environ) -> str:
        """Who asks: the peer, or whom the trusted proxies in front of it tell."""
        address: str = environ.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - the name of "unknown", nothing listens here
        if not self._trusted_proxies:
            return address
        # From the right: each trusted proxy vouches for the address that it wrote, and for nothing left of it.
        for told in reversed((environ.get("HTTP_X_FORWARDED_FOR") or "").split(",")):
            if not self._is_trusted(address) or not told.strip():
                return address
            address = told.strip()
        return address

    def _client_certificate(self, environ: Environ) -> str | None:
        # RFC 9440 §2.4, R25: from anybody but a proxy of ours the header is somebody's claim about itself.
        if not self._certificate_key or not self._is_trusted(environ.get("REMOTE_ADDR") or ""):
            return None
        return environ.get(self._certificate_key) or None

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed.version == network.version and parsed in network for network in self._trusted_proxies)


def write_response(response: Response, start_response: StartResponse, *, is_head: bool = False) -> Iterable[bytes]:
    """Send a response value."""
    body = b"" if is_head else response.body
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    start_response(_REASONS.get(response.status) or f"{response.status} Unknown", headers)
    return [body]


def _read_headers(environ: Environ) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if sum(len(name) + len(value) for name, value in headers.items()) > HEADER_LIMIT_BYTES:
        raise RequestTooLarge(431)
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def safe_path(path: str) -> str:
    """A path fit for a log line or a page: ASCII, bounded."""
    return quote(path[:100].encode("latin-1", "replace"))
