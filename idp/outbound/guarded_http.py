"""Calls to addresses that clients chose: a key set, a sector's document, a logout.

One try, no redirect, no proxy of the environment, a deadline for the whole from the name to the last byte, a limit for
the answer, and nobody called who is not on the public Internet or allowed by the operator.
"""

import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpcore
import httpx

from idp.outbound.connection_deadline import ConnectionEnd, ending_at
from idp.outbound.name_resolution import NameResolution, Resolver, resolve
from idp.outbound.network_guard import AddressForbidden, GuardedBackend, IpNetwork

ANSWER_LIMIT_BYTES: Final = 64 * 1024
_CONNECT_SECONDS: Final = 3.0
_READ_SECONDS: Final = 3.0
_TOTAL_SECONDS: Final = 5.0
_MAX_AGE: Final = re.compile(r"(?:^|[ ,])max-age=([0-9]{1,9})(?:$|[ ,])", re.IGNORECASE)


class FetchRefused(Exception):
    """An address that is not called: not https, user information in it, or a host that is not public. The caller's
    fault, and so to be told to the client; the message says which."""


class FetchFailed(Exception):
    """A call that was tried and brought nothing usable: no answer in time, another status, too long. May be retried;
    the message is for the log and names no address."""


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """An answer with status 200. ``content_type`` is without its parameters, in lower case; ``max_age_seconds`` is what
    Cache-Control says, 0 for no-store and no-cache, None where it says nothing."""

    body: bytes
    content_type: str
    max_age_seconds: int | None


class GuardedHttp:
    """The calls. ``allowed`` are networks beside the public Internet; plain http is for sandboxes."""

    def __init__(
        self,
        *,
        allowed: Iterable[IpNetwork] = (),
        allow_http: bool = False,
        resolver: Resolver = resolve,
        total_seconds: float = _TOTAL_SECONDS,
    ) -> None:
        self._allowed = tuple(allowed)
        self._allow_http = allow_http
        self._names = NameResolution(resolver)
        self._total_seconds = total_seconds
        self._tls_context: ssl.SSLContext | None = None

    def get(self, url: str, accept: str) -> FetchedDocument:
        """Read a document of at most 64 KiB.

        Raises: FetchRefused, FetchFailed.
        """
        with self._call("GET", url, {"Accept": accept}, b"") as (response, deadline):
            if response.status != httpx.codes.OK:
                raise FetchFailed(f"status {response.status}")
            headers = _read_headers(response)
            body = _read_limited(response, deadline)
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return FetchedDocument(body, content_type, _max_age(headers.get("cache-control")))

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """Post a form and read nothing of the answer but its status.

        Raises: FetchRefused, FetchFailed.
        """
        body = urlencode(fields).encode("ascii")
        with self._call("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, body) as (response, _):
            return int(response.status)

    @contextmanager
    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[tuple[httpcore.Response, float]]:
        self._check(url)
        deadline = time.monotonic() + self._total_seconds
        sent = {
            **headers,
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Host": urlsplit(url).netloc,
            "Content-Length": str(len(body)),
        }
        if method == "GET":
            del sent["Content-Length"]
        try:
            with (
                ending_at(deadline) as end,
                self._pool(deadline) as pool,
                pool.stream(
                    method, url, headers=[*sent.items()], content=body, extensions=_extensions(end)
                ) as response,
            ):
                yield response, deadline
        except AddressForbidden as error:
            raise FetchRefused("the host is not on the public Internet") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise FetchFailed(type(error).__name__) from error

    def _pool(self, deadline: float) -> httpcore.ConnectionPool:
        def find_addresses(host: str, port: int) -> Sequence[str]:
            return self._names.find_addresses(host, port, min(deadline, time.monotonic() + _CONNECT_SECONDS))

        return httpcore.ConnectionPool(
            ssl_context=self._tls(),
            max_keepalive_connections=0,
            network_backend=GuardedBackend(self._allowed, find_addresses, deadline),
        )

    def _tls(self) -> ssl.SSLContext:
        # Made once, for reading the authorities takes longer than a call.
        if self._tls_context is None:
            self._tls_context = httpx.create_ssl_context(trust_env=False)
        return self._tls_context

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise FetchRefused("the address cannot be read") from error
        if parts.scheme != "https" and not (parts.scheme == "http" and self._allow_http):
            raise FetchRefused("the address is not https")
        if not parts.hostname or parts.username is not None or port == 0 or parts.fragment or not url.isascii():
            raise FetchRefused("the address has no plain host, or a fragment")


def _extensions(end: ConnectionEnd) -> dict[str, object]:
    limits = {"connect": _CONNECT_SECONDS, "read": _READ_SECONDS, "write": _READ_SECONDS, "pool": _CONNECT_SECONDS}
    return {"timeout": limits, "trace": end.saw_event}


def _read_headers(response: httpcore.Response) -> dict[str, str]:
    headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers}
    if headers.get("content-encoding", "identity") != "identity":
        # Unpacking would let a short answer grow without limit.
        raise FetchFailed("an encoding that was not asked for")
    return headers


def _read_limited(response: httpcore.Response, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_stream():
        data += chunk
        if len(data) > ANSWER_LIMIT_BYTES:
            raise FetchFailed("the answer is too long")
    if time.monotonic() > deadline:
        # Also where the end of the connection, which was ours, looked like the end of the answer.
        raise FetchFailed("the answer took too long")
    return bytes(data)


def _max_age(cache_control: str | None) -> int | None:
    if cache_control is None:
        return None
    directives = {directive.strip().lower() for directive in cache_control.split(",")}
    if directives & {"no-store", "no-cache"}:
        return 0
    found = _MAX_AGE.search(cache_control)
    return int(found[1]) if found else None
