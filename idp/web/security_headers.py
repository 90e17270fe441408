"""The headers of every answer, added in one WSGI wrapper, and the content security policy of pages.

Source: RFC 9700 §4.16 (clickjacking), §4.2.4 (referrer); CSP Level 3; RFC 6797 (HSTS).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from idp.web.environ import Environ, StartResponse

_FIXED: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()"),
]
_HSTS: Final = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
_POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


def content_security_policy(
    *form_targets: str, script_source: str | None = None, frame_sources: Iterable[str] = ()
) -> tuple[str, str]:
    """The policy of one page: no script, no style of its own, no frame; forms go here and to the named origins.

    Takes: the proven redirect origin where a POST of the page can end there; Chromium checks it on redirects;
           script_source, the hash of the one script of the page that sends a form on, None for all others;
           frame_sources, the origins of the clients that the page after a sign-out tells, none on all others.
    """
    targets = " ".join(("'self'", *form_targets))
    scripts = "" if script_source is None else f"; script-src {script_source}"
    sources = " ".join(dict.fromkeys(frame_sources))
    frames = f"; frame-src {sources}" if sources else ""
    return "Content-Security-Policy", f"{_POLICY}{scripts}{frames}; form-action {targets}"


class SecurityHeaders:
    """Adds the fixed headers to whatever an application answers."""

    def __init__(self, application: WsgiApplication, *, is_https: bool) -> None:
        self._application = application
        self._headers = [*_FIXED, _HSTS] if is_https else _FIXED

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(self._headers)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._application(environ, start)
