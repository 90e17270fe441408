"""One request, one answer, with the configured issuer and nobody else.

TLS with the system's trust anchors; no redirect is followed; a loopback issuer is reached directly, whatever proxy the
environment names, and only if the other end really is this machine. Protocol §2.
"""

import contextlib
import http.client
import ipaddress
import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.issuers import is_loopback_host
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.version import PRESENTER

ANSWER_LIMIT_BYTES: Final = 256 * 1024
_CHUNK_BYTES: Final = 16 * 1024
_LONGEST_WAIT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``is_json`` tells only what the header claims."""

    status: int
    is_json: bool
    unverified_body: bytes
    retry_after_seconds: int


def _open_connection(issuer: str, timeout_seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(issuer)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port or 80, timeout=timeout_seconds)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    proxy = None if is_loopback_host(host) or proxy_bypass(host) else getproxies().get("https")
    if proxy is None:
        return http.client.HTTPSConnection(host, port or 443, timeout=timeout_seconds, context=context)
    # TLS is made inside the tunnel, with the issuer's own name: the proxy sees whom we visit and nothing more.
    way = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    connection = http.client.HTTPSConnection(
        way.hostname or "", way.port or 8080, timeout=timeout_seconds, context=context
    )
    connection.set_tunnel(host, port or 443)
    return connection


def _check_peer_is_here(connection: http.client.HTTPConnection) -> None:
    peer = connection.sock.getpeername()[0]
    if not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
        raise AgentError(Outcome.UNTRUSTED_SERVER, "http, and the other end is not this machine")


def _read_body(response: http.client.HTTPResponse, deadline: Deadline) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > ANSWER_LIMIT_BYTES:
            raise AgentError(Outcome.INVALID_ANSWER, "the answer is too large")
        if deadline.remaining_seconds() <= 0:
            raise TimeoutError
    if response.length:  # read1() takes an early end for the end; what Content-Length still counts is missing.
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


def _take_answer(response: http.client.HTTPResponse, deadline: Deadline) -> Answer:
    if 300 <= response.status < 400:
        raise AgentError(Outcome.INVALID_ANSWER, "the provider answered with a redirect, which is not followed")
    media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    retry_after_seconds = _retry_after_seconds(response.getheader("Retry-After"))
    return Answer(
        response.status, media_type == "application/json", _read_body(response, deadline), retry_after_seconds
    )


def _retry_after_seconds(header: str | None) -> int:
    seconds = (header or "").strip()
    is_count = seconds.isascii() and seconds.isdigit() and len(seconds) <= 6
    return min(int(seconds), _LONGEST_WAIT_SECONDS) if is_count else 0


def send_request(
    issuer: str, method: str, path: str, *, body: bytes | None, headers: dict[str, str], timeout_seconds: float
) -> Answer:
    """Ask the issuer once.

    Takes:  path below the issuer, beginning with a slash; headers beside the standing ones.
    Raises: AgentError(UNREACHABLE): no answer came, or half of one: whether the request arrived is unknown.
            AgentError(UNTRUSTED_SERVER): the certificate does not prove the issuer.
            AgentError(INVALID_ANSWER): too large, or a redirect.
    """
    deadline = Deadline(timeout_seconds)
    connection: http.client.HTTPConnection | None = None
    standing = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": PRESENTER}
    try:
        connection = _open_connection(issuer, timeout_seconds)
        connection.connect()
        if issuer.startswith("http:"):
            _check_peer_is_here(connection)
        connection.request(method, urlsplit(issuer).path + path, body=body, headers={**standing, **headers})
        with contextlib.closing(connection.getresponse()) as response:
            return _take_answer(response, deadline)
    except ssl.SSLCertVerificationError as error:
        raise AgentError(Outcome.UNTRUSTED_SERVER, "the TLS certificate does not prove the issuer") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # The kind is enough to find the fault; the text could repeat bytes that the other end chose.
        raise AgentError(Outcome.UNREACHABLE, type(error).__name__) from error
    finally:
        if connection is not None:
            connection.close()
