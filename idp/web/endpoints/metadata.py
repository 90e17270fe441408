"""Documents that clients read and may keep: discovery (OIDC and RFC 8414), the JWK Set and its calendar."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from idp.keys.key_calendar import JWKS_CACHE_SECONDS
from idp.web.endpoints.token import ANY_ORIGIN
from idp.web.http import Handler, Request, Response

_METADATA_SECONDS: Final = 3600
_CALENDAR_SECONDS: Final = 600


def metadata_endpoint(metadata: dict[str, Any]) -> Handler:
    """The discovery document, made once."""
    return json_document(json.dumps(metadata, indent=1).encode("ascii"))


def json_document(body: bytes) -> Handler:
    """A JSON document that stays the same as long as this process runs."""
    return _document(lambda: body, "application/json", _METADATA_SECONDS)


def jwks_endpoint(public_jwks: Callable[[], bytes]) -> Handler:
    """The published keys (RFC 7517 §5), as the key ring knows them now."""
    return _document(public_jwks, "application/jwk-set+json", JWKS_CACHE_SECONDS)


def calendar_endpoint(calendar: Callable[[], dict[str, Any]]) -> Handler:
    """When each key signs (docs/key-calendar.md)."""
    return _document(lambda: json.dumps(calendar(), indent=1).encode("ascii"), "application/json", _CALENDAR_SECONDS)


def _document(body_of: Callable[[], bytes], content_type: str, max_age_seconds: int) -> Handler:
    def answer(request: Request) -> Response:
        body = body_of()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = (("Cache-Control", f"public, max-age={max_age_seconds}"), ("ETag", tag), ANY_ORIGIN)
        # RFC 9110 §13.1.2
        if tag in (request.header("if-none-match") or ""):
            return Response(304, headers)
        return Response(200, (("Content-Type", content_type), *headers), body)

    return answer
