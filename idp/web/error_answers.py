"""Every way in which a request fails, answered in the form its caller reads, and logged once, here.

A client gets a registered code, a presenter the protocol's code, a person a page with what to do next; all of them a
reference number that is also in the log. Whatever nobody foresaw is ``server_error``: its type is logged, never its
message, since that may hold what the caller sent.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from idp.log import log_line
from idp.oidc.encrypted_answer import NoEncryptionKey
from idp.oidc.end_session import END_SESSION_PATH
from idp.oidc.errors import AuthorizationRefused, OAuthError
from idp.outage import StoreUnavailable
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.signin.presenting import CardRefused
from idp.signin.shelf import SigninConflict
from idp.signin.signature import ItemNotOffered
from idp.signin.step import SigninOver
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.endpoints.token import ANY_ORIGIN, EXPOSED
from idp.web.environ import MalformedRequest, RequestTooLarge
from idp.web.http import Request, Response, json_response
from idp.web.page_reason import PAGE_STATUS, PageReason
from idp.web.rate_limit import TooManyRequests
from idp.web.site import Site

ErrorAnswer = Callable[[Request, Exception, str], Response]

_RETRY_SECONDS: Final = 5
_LONG_SEGMENT: Final = re.compile(r"[^/]{32,}")


class PageRefused(Exception):
    """A page that only says why not; ``reason`` is a key of the page texts, ``back_href`` a registered way on."""

    def __init__(self, reason: PageReason, detail: str = "", back_href: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        self.back_href = back_href


def outcome_of(error: Exception) -> tuple[str, str]:
    """What a client's developer is told of a refusal: the code, and more where it is an answer to the client."""
    if isinstance(error, AuthorizationRefused):
        error = error.error
    if isinstance(error, PageRefused):
        # A page of ours stands for the client's own fault, such as a pushed request that came too late.
        cause = error.__cause__
        return outcome_of(cause) if isinstance(cause, OAuthError) else (error.reason.value, error.detail)
    if isinstance(error, OAuthError):
        return error.code.value, error.detail or error.description
    if isinstance(error, TooManyRequests):
        return "too_many_requests", error.detail
    if isinstance(error, (RequestTooLarge, MalformedRequest)):
        return "invalid_request", "too large, or not HTTP as it should be"
    if isinstance(error, (StoreUnavailable, SigninConflict)):
        return "temporarily_unavailable", ""
    return "server_error", ""


def answer_client(request: Request, error: Exception, reference: str) -> Response:
    """For OAuth endpoints: RFC 6749 §5.2, RFC 6750 §3.1."""
    if isinstance(error, OAuthError):
        _log(request, reference, error.code.value, error.detail, error.status)
        challenge = () if error.authenticate is None else (("WWW-Authenticate", error.authenticate),)
        # A script that is to try again with a nonce has to be able to read it (RFC 9449 §8, Fetch).
        cors = (ANY_ORIGIN, EXPOSED) if error.headers else ()
        members = error.to_body() | {"error_reference": reference}
        return json_response(
            members, error.status, *challenge, *error.headers, *cors, *_retry_after(error, error.status)
        )
    code, status = _outage(request, reference, error)
    description = "Too many requests." if status == 429 else "The request could not be answered."
    members = {"error": code, "error_description": description, "error_reference": reference}
    return json_response(members, status, *_retry_after(error, status))


def answer_presenter(request: Request, error: Exception, reference: str) -> Response:
    """For the presenter's API: protocol §3.4, §4."""
    if isinstance(error, CardRefused):
        return json_response(error.members, error.status)
    if isinstance(error, PresenterError):
        _log(request, reference, error.code.value, error.detail, error.status)
        return json_response({"error": error.code.value, "reference": reference}, error.status)
    code, status = _outage(request, reference, error)
    if isinstance(error, RequestTooLarge):
        code = PresenterErrorCode.TOO_LARGE.value
    elif status == 503:
        # The protocol's 503 codes say what is not known of a card; of our own trouble it knows server_error.
        code = PresenterErrorCode.SERVER_ERROR.value
    return json_response({"error": code, "reference": reference}, status, *_retry_after(error, status))


class PersonAnswers:
    """For pages."""

    def __init__(self, site: Site, issuer: str, answers: AuthorizationAnswers) -> None:
        self._site = site
        self._issuer = issuer
        self._base = urlsplit(issuer).path
        self._answers = answers

    def __call__(self, request: Request, error: Exception, reference: str) -> Response:
        """A page with what the person can do, or the redirect that carries the error to the client."""
        if isinstance(error, AuthorizationRefused):
            _log(request, reference, error.error.code.value, error.error.detail, 303)
            refusal = error.to.error(error.error, self._issuer)
            try:
                if error.to.is_untrusted and not self._is_own_answer(request):
                    host = urlsplit(error.to.redirect_uri).netloc or error.to.origin
                    return self._answers.ask(request, refusal, host, error.error.code.value, reference)
                return self._answers.send(request, refusal)
            except Exception as unsent:  # the outermost edge: a store that is away also keeps a signature away
                return self(request, unsent, reference)
        reason, detail = _page_reason(error)
        if reason is None:
            code, status = _outage(request, reference, error)
            reason = PageReason(code) if code in set(PageReason) else PageReason.SERVER_ERROR
        else:
            status = PAGE_STATUS[reason]
            _log(request, reference, reason.value, detail, status)
        return self._site.page(
            request,
            "error.html",
            self._site.language(request),
            status=status,
            headers=_retry_after(error, status),
            reason=reason.value,
            reference=reference,
            back_href=error.back_href if isinstance(error, PageRefused) else None,
            tx=None,
            csrf=None,
            is_signing_out=request.path.startswith(f"{self._base}{END_SESSION_PATH}"),
        )

    def _is_own_answer(self, request: Request) -> bool:
        # What is posted on a page of a sign-in: the person saw there who asks, and decided to go back.
        return request.method == "POST" and request.path.startswith(f"{self._base}/login/")


def _page_reason(error: Exception) -> tuple[PageReason | None, str]:
    if isinstance(error, PageRefused):
        return error.reason, error.detail
    if isinstance(error, ItemNotOffered):
        return PageReason.INVALID_FORM, "item"
    if isinstance(error, SigninOver):
        return PageReason(error.reason), ""
    if isinstance(error, OAuthError):
        return _reason_of(error), error.detail
    if isinstance(error, RequestTooLarge):
        return PageReason.TOO_LARGE, ""
    if isinstance(error, MalformedRequest):
        return PageReason.INVALID_REQUEST, "framing"
    return None, ""


def _reason_of(error: OAuthError) -> PageReason:
    if isinstance(error, NoEncryptionKey):
        return PageReason.NO_ENCRYPTION_KEY
    if error.detail.startswith("twice"):
        return PageReason.DUPLICATE_PARAMETER
    if error.code.value == "unauthorized_client":
        return PageReason.UNKNOWN_CLIENT
    return PageReason.INVALID_REDIRECT_URI if "redirect_uri" in error.detail else PageReason.INVALID_REQUEST


def _outage(request: Request, reference: str, error: Exception) -> tuple[str, int]:
    if isinstance(error, TooManyRequests):
        _log(request, reference, "too_many_requests", "", 429)
        return "too_many_requests", 429
    if isinstance(error, RequestTooLarge):
        _log(request, reference, "invalid_request", "too large", error.status)
        return "invalid_request", error.status
    if isinstance(error, MalformedRequest):
        _log(request, reference, "invalid_request", "framing", 400)
        return "invalid_request", 400
    if isinstance(error, (StoreUnavailable, SigninConflict)):
        _log(request, reference, "temporarily_unavailable", type(error).__name__, 503, level_is_error=True)
        return "temporarily_unavailable", 503
    log_line(
        "server_error", "error", reference=reference, route=_route(request), method=request.method,
        exception=type(error).__name__, where=_where(error),
    )  # fmt: skip
    return "server_error", 500


def _retry_after(error: Exception, status: int) -> tuple[tuple[str, str], ...]:
    if isinstance(error, TooManyRequests):
        return (("Retry-After", str(error.retry_after_seconds)),)
    return (("Retry-After", str(_RETRY_SECONDS)),) if status == 503 else ()


def _log(
    request: Request, reference: str, code: str, detail: str, status: int, *, level_is_error: bool = False
) -> None:
    log_line(
        "refused", "error" if level_is_error else "info", reference=reference, error=code, detail=detail or None,
        status=status, method=request.method, route=_route(request),
    )  # fmt: skip


def _route(request: Request) -> str:
    # What is as long as an identifier may be somebody's secret, wherever in a path it was pasted.
    return _LONG_SEGMENT.sub("*", request.path)[:64]


def _where(error: Exception) -> str:
    """Where it was raised: module and line, no values."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    return f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}"
