"""The bytes of a revocation list, from a file or from a configured address.

Hosts come from the configuration alone, never from a certificate: who presents a card cannot make the provider call
anybody.
"""

import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from idp.jpki.crl import CRL_LIMIT_BYTES
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ports import CrlSource

_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 10.0
_TOTAL_SECONDS: Final = 120.0


class CrlAddressRefused(ValueError):
    """A configured location of a list is neither a file nor an acceptable address; the message is for the operator."""


class FileCrlSource:
    """A list that somebody else puts into a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """The whole file, unverified.

        Raises: CardUnverifiable: status_unavailable, where it cannot be read or is too long.
        """
        try:
            with self._path.open("rb") as file:
                data = file.read(CRL_LIMIT_BYTES + 1)
        except OSError as fault:
            raise _unavailable(f"CRL file: {fault.strerror}") from fault
        if len(data) > CRL_LIMIT_BYTES:
            raise _unavailable("CRL file is too long")
        return data


class HttpCrlSource:
    """A list at a configured address.

    Redirects are not followed and proxies of the environment not used: the configured host is asked, nobody else.
    """

    def __init__(
        self, url: str, *, transport: httpx.BaseTransport | None = None, total_seconds: float = _TOTAL_SECONDS
    ) -> None:
        self._url = url
        self._transport = transport
        self._total_seconds = total_seconds

    def read(self) -> bytes:
        """The whole list as the host answers it, unverified.

        Raises: CardUnverifiable: status_unavailable: no answer in time, another status than 200, too long.
        """
        deadline = time.monotonic() + self._total_seconds
        limits = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
        # Unpacking would let a short answer grow without limit.
        headers = {"Accept": "application/pkix-crl", "Accept-Encoding": "identity"}
        try:
            with (
                httpx.Client(
                    transport=self._transport, timeout=limits, trust_env=False, follow_redirects=False, headers=headers
                ) as client,
                client.stream("GET", self._url) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise _unavailable(f"CRL host answered {response.status_code}")
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise _unavailable("CRL host answered with an encoding")
                return _read_limited(response, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            raise _unavailable(f"CRL host: {type(fault).__name__}") from fault


def crl_source(location: str, *, allow_http: bool = False) -> CrlSource:
    """The source for a location of the settings.

    Takes:  an absolute path, a file: or https: URL; http: only where the operator allowed it, for the list is signed
            but whoever sits between could hold back a newer one until nextUpdate.
    Raises: CrlAddressRefused.
    """
    parts = urlsplit(location)
    if parts.scheme == "" and location.startswith("/"):
        return FileCrlSource(Path(location))
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FileCrlSource(Path(parts.path))
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.fragment:
        raise CrlAddressRefused("a CRL is at an absolute path or an https address")
    if parts.scheme == "http" and not allow_http:
        raise CrlAddressRefused("a CRL by http must be allowed expressly")
    if parts.username is not None or parts.password is not None:
        raise CrlAddressRefused("a CRL address carries no user name")
    return HttpCrlSource(location)


def _read_limited(response: httpx.Response, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > CRL_LIMIT_BYTES:
            raise _unavailable("CRL is too long")
        if time.monotonic() > deadline:
            raise _unavailable("CRL took too long")
    return bytes(data)


def _unavailable(detail: str) -> CardUnverifiable:
    return CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, detail)
