"""Which client a request says it is from, for the journal; nothing is believed on its word."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_plus

from idp.oidc.client_assertion import find_unverified_client_id
from idp.web.http import Request

_CLIENT_ID: Final = re.compile(rb"(?:^|&)client_id=([A-Za-z0-9._~-]{1,64})(?=&|$)")
_ASSERTION: Final = re.compile(rb"(?:^|&)client_assertion=([A-Za-z0-9._-]{1,8192})(?=&|$)")
_REGISTRABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def find_claimed_client_id(request: Request) -> str | None:
    """The ``client_id`` of parameters, Basic credentials or a client assertion; None where there is none to be seen."""
    text = request.body if request.method == "POST" else request.query.encode("ascii", "replace")
    named = _CLIENT_ID.search(text)
    if named is not None:
        return named[1].decode("ascii")
    scheme, _, credentials = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        return _read_basic(credentials)
    assertion = _ASSERTION.search(text)
    claimed = None if assertion is None else find_unverified_client_id(assertion[1].decode("ascii"))
    return claimed if claimed is not None and _REGISTRABLE.fullmatch(claimed) else None


def _read_basic(credentials: str) -> str | None:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return None
    claimed = unquote_plus(decoded.partition(":")[0])
    return claimed if _REGISTRABLE.fullmatch(claimed) else None
