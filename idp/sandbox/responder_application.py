"""The sandbox's OCSP responder as a WSGI application (RFC 6960 appendix A.1)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from idp.clock import Clock, system_clock
from idp.sandbox.responder import SandboxResponder

_REQUEST_TYPE: Final = "application/ocsp-request"
_RESPONSE_TYPE: Final = "application/ocsp-response"
_REQUEST_LIMIT_BYTES: Final = 8192


class ResponderApplication:
    """One address for every authority of a sandbox: the request says which one is meant."""

    def __init__(self, responder: SandboxResponder, clock: Clock = system_clock) -> None:
        self._responder = responder
        self._clock = clock

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; what is no OCSP request at all is told so by HTTP."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if environ.get("REQUEST_METHOD") != "POST":
            return _refuse("405 Method Not Allowed", start_response)
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _REQUEST_TYPE:
            return _refuse("415 Unsupported Media Type", start_response)
        if not length.isdecimal() or int(length) > _REQUEST_LIMIT_BYTES:
            return _refuse("413 Content Too Large", start_response)
        answer = self._responder.answer(environ["wsgi.input"].read(int(length)), self._clock())
        start_response("200 OK", [("Content-Type", _RESPONSE_TYPE), ("Content-Length", str(len(answer)))])
        return [answer]


def _refuse(status: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []
