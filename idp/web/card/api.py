"""``POST /card/open``, ``/card/proof``, ``/card/cancel``: for presenters, never for pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from idp.clock import Clock
from idp.identifiers import is_identifier
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.message import BODY_LIMIT_BYTES, parse_cancel_request, parse_open_request, parse_proof_request
from idp.signin.parts import SigninParts
from idp.signin.presenting import cancel_for_presenter, open_for_presenter, prove_for_presenter
from idp.web.http import Handler, Request, Response, json_response

_Answer = Callable[[str, bytes, datetime], dict[str, Any]]


def presenter_endpoints(parts: SigninParts, clock: Clock) -> dict[str, Handler]:
    """The three handlers by path."""

    def open_transaction(handle: str, body: bytes, now: datetime) -> dict[str, Any]:
        return open_for_presenter(parts, handle, parse_open_request(body), now)

    def prove(handle: str, body: bytes, now: datetime) -> dict[str, Any]:
        return prove_for_presenter(parts, handle, parse_proof_request(body), body, now)

    def cancel(handle: str, body: bytes, now: datetime) -> dict[str, Any]:
        return cancel_for_presenter(parts, handle, parse_cancel_request(body), now)

    return {
        "/card/open": _endpoint(open_transaction, clock),
        "/card/proof": _endpoint(prove, clock),
        "/card/cancel": _endpoint(cancel, clock),
    }


def _endpoint(answer: _Answer, clock: Clock) -> Handler:
    def handle_request(request: Request) -> Response:
        return json_response(answer(_check_caller(request), request.body, clock()))

    return handle_request


def _check_caller(request: Request) -> str:
    """Establish that this is a presenter's request, not a page's.

    Returns: the handle, well-formed.
    Raises:  PresenterError browser_request, unsupported_media_type, too_large, invalid_handle.
    Source:  card presenter protocol §3.
    """
    # A browser sends these by itself and a page cannot take them off, so no page can be a presenter.
    if request.header("origin") is not None or request.header("sec-fetch-site") is not None:
        raise PresenterError(PresenterErrorCode.BROWSER_REQUEST)
    if request.media_type != "application/json":
        raise PresenterError(PresenterErrorCode.UNSUPPORTED_MEDIA_TYPE)
    if len(request.body) > BODY_LIMIT_BYTES:
        raise PresenterError(PresenterErrorCode.TOO_LARGE)
    scheme, _, handle = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "handle" or not is_identifier(handle):
        raise PresenterError(PresenterErrorCode.INVALID_HANDLE)
    return handle
