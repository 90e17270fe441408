"""Which client a request says it is from, for the journal; nothing is believed on its word."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_plus

from idp.oidc.client_assertion import find_unverified_client_id
from idp.oidc.jwt_parts import NotAToken, parse_compact
from idp.web.http import Request

_CLIENT_ID: Final = re.compile(rb"(?:^|&)client_id=([A-Za-z0-9._~-]{1,64})(?=&|$)")
_ASSERTION: Final = re.compile(rb"(?:^|&)client_assertion=([A-Za-z0-9._-]{1,8192})(?=&|$)")
_HINT: Final = re.compile(rb"(?:^|&)id_token_hint=([A-Za-z0-9._-]{1,8192})(?=&|$)")
_REGISTRABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def find_claimed_client_id(request: Request) -> str | None:
    """The ``client_id`` of parameters, Basic credentials, an assertion or a logout's hint; None if there is none."""
    text = request.body if request.method == "POST" else request.query.encode("ascii", "replace")
    named = _CLIENT_ID.search(text)
    if named is not None:
        return named[1].decode("ascii")
    scheme, _, credentials = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        return _read_basic(credentials)
    claimed = _read_assertion(text) or _read_hint(text)
    return claimed if claimed is not None and _REGISTRABLE.fullmatch(claimed) else None


def _read_assertion(text: bytes) -> str | None:
    assertion = _ASSERTION.search(text)
    return None if assertion is None else find_unverified_client_id(assertion[1].decode("ascii"))


def _read_hint(text: bytes) -> str | None:
    hint = _HINT.search(text)
    try:
        claims = {} if hint is None else parse_compact(hint[1].decode("ascii"), maximum_characters=len(hint[1])).claims
    except NotAToken:
        return None
    audience = claims.get("aud")
    return audience if isinstance(audience, str) else None


def _read_basic(credentials: str) -> str | None:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return None
    claimed = unquote_plus(decoded.partition(":")[0])
    return claimed if _REGISTRABLE.fullmatch(claimed) else None
