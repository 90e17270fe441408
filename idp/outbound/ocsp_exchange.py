"""One question to one configured OCSP responder, by POST (RFC 6960 appendix A.1)."""

import threading
import time
from typing import Final

import httpx

from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ocsp import OCSP_LIMIT_BYTES
from idp.outbound.circuit_breaker import BreakerOpen, CircuitBreaker
from idp.outbound.connection_deadline import ending_at

_CONNECT_SECONDS: Final = 2.0
_READ_SECONDS: Final = 3.0
_TOTAL_SECONDS: Final = 5.0
# A responder that is down costs each person the whole time-out; after this many nobody waits for it for a while.
_FAILURES_TO_PAUSE: Final = 5
_PAUSE_SECONDS: Final = 20.0
_REQUEST_TYPE: Final = "application/ocsp-request"
_RESPONSE_TYPE: Final = "application/ocsp-response"


class HttpOcspExchange:
    """An ``OcspExchange`` with the address of the settings.

    Redirects are not followed and proxies of the environment not used: the configured host is asked, nobody else. A
    person is waiting, so it answers within seconds or not at all; after five failures in a row it is left alone for
    twenty seconds, in this process.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        total_seconds: float = _TOTAL_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._url = url
        self._transport = transport
        self._total_seconds = total_seconds
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()
        self._breaker = breaker or CircuitBreaker(_FAILURES_TO_PAUSE, _PAUSE_SECONDS)

    def ask(self, request: bytes) -> bytes:
        """The body of the answer, unverified.

        Raises: CardUnverifiable: status_unavailable: no answer in time, another status, another type, too long, or
                none was asked for because several failed.
        """
        try:
            self._breaker.check_admitted()
        except BreakerOpen as fault:
            raise _unavailable("OCSP responder is left alone after failures") from fault
        try:
            answer = self._ask(request)
        except CardUnverifiable:
            self._breaker.record_failure()
            raise
        self._breaker.record_success()
        return answer

    def _ask(self, request: bytes) -> bytes:
        deadline = time.monotonic() + self._total_seconds
        try:
            with (
                # Time-outs begin anew with every byte; this ends the whole.
                ending_at(deadline) as end,
                self._open().stream(
                    "POST", self._url, content=request, extensions={"trace": end.saw_event}
                ) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise _unavailable(f"OCSP responder answered {response.status_code}")
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise _unavailable("OCSP responder answered with an encoding")
                if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _RESPONSE_TYPE:
                    raise _unavailable("OCSP responder answered with another content type")
                return _read_limited(response, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            raise _unavailable(f"OCSP responder: {type(fault).__name__}") from fault

    def _open(self) -> httpx.Client:
        # Made once, for it takes longer than the whole rest of a verification, and not before the first question, so
        # that a worker forked later has one of its own.
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    transport=self._transport,
                    timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
                    # A connection for every question: what ends one at its deadline has to see it begin.
                    limits=httpx.Limits(max_keepalive_connections=0),
                    trust_env=False,
                    follow_redirects=False,
                    headers={"Content-Type": _REQUEST_TYPE, "Accept": _RESPONSE_TYPE, "Accept-Encoding": "identity"},
                )
            return self._client


def _read_limited(response: httpx.Response, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > OCSP_LIMIT_BYTES:
            raise _unavailable("OCSP answer is too long")
        if time.monotonic() > deadline:
            break
    if time.monotonic() > deadline:
        # Also where the end of the connection, which was ours, looked like the end of the answer.
        raise _unavailable("OCSP answer took too long")
    return bytes(data)


def _unavailable(detail: str) -> CardUnverifiable:
    return CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, detail)
