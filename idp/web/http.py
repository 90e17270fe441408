"""A request and a response as values: all that handlers see of HTTP, so that they run without any framework."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from idp.oidc.ports import ClientAdmission

NO_STORE: Final = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its body read within the limit.

    ``headers`` have lower-case names, ``query`` is still encoded, ``path_values`` are those of the route,
    ``client_address`` is the peer's or, behind a trusted proxy, the one the proxy tells; ``client_certificate`` is what
    a trusted proxy tells of the TLS connection, None for nothing; ``admission`` is where the request is counted once a
    client has proven that it is its own.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client_address: str
    path_values: Mapping[str, str] = field(default_factory=dict)
    client_certificate: str | None = None
    admission: ClientAdmission | None = None

    def header(self, name: str) -> str | None:
        """A header by its lower-case name."""
        return self.headers.get(name)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty if none was sent."""
        return (self.headers.get("content-type") or "").partition(";")[0].strip().lower()

    def cookies(self) -> list[tuple[str, str]]:
        """Names and values in order, as sent; a name may come more than once (RFC 6265 §4.2)."""
        pairs = (pair.strip().partition("=") for pair in (self.headers.get("cookie") or "").split(";"))
        return [(name, value) for name, separator, value in pairs if separator]


@dataclass(frozen=True, slots=True)
class Response:
    """One response; ``headers`` are sent in order, with those that every answer carries."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def with_headers(self, *headers: tuple[str, str]) -> "Response":
        """The same with more headers."""
        return Response(self.status, self.headers + headers, self.body)


Handler = Callable[[Request], Response]


def json_response(members: Mapping[str, Any], status: int = 200, *headers: tuple[str, str]) -> Response:
    """A JSON object that nobody may store."""
    body = json.dumps(members, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    return Response(status, (("Content-Type", "application/json"), NO_STORE, *headers), body)


def page_response(body: bytes, status: int = 200, *headers: tuple[str, str]) -> Response:
    """An HTML page that nobody may store."""
    return Response(status, (("Content-Type", "text/html; charset=utf-8"), NO_STORE, *headers), body)


def see_other(location: str, *headers: tuple[str, str]) -> Response:
    """A redirect that always becomes a GET (RFC 9700 §4.12: never 307 with what was posted)."""
    return Response(303, (("Location", location), NO_STORE, *headers))
