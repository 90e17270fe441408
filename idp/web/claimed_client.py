"""Which client a request says it is from, for the journal; nothing is believed on its word."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_plus

from idp.oidc.client_assertion import find_unverified_client_id
from idp.oidc.errors import OAuthError
from idp.oidc.jwt_parts import NotAToken, parse_compact
from idp.oidc.parameters import Parameters, parse_parameters
from idp.web.http import Request
from idp.web.route import ClaimedIn

_CLIENT_ID: Final = re.compile(rb"(?:^|&)client_id=([A-Za-z0-9._~-]{1,64})(?=&|$)")
_ASSERTION: Final = re.compile(rb"(?:^|&)client_assertion=([A-Za-z0-9._-]{1,8192})(?=&|$)")
_LONGEST_HINT: Final = 8192
_REGISTRABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def find_claimed_client_id(request: Request, claimed_in: ClaimedIn) -> str | None:
    """Who a request says it is from, where its endpoint would look for it; None where there is none to be seen."""
    if claimed_in == "nowhere":
        return None
    if claimed_in in ("parameters", "logout-request"):
        parameters = _read_parameters(request)
        claimed = None if parameters is None else parameters.get("client_id")
        if claimed is None and parameters is not None and claimed_in == "logout-request":
            claimed = _read_hint(parameters.get("id_token_hint"))
    elif claimed_in == "bearer-assertion":
        scheme, _, credentials = (request.header("authorization") or "").partition(" ")
        claimed = find_unverified_client_id(credentials.strip(" ")) if scheme.lower() == "bearer" else None
    else:
        claimed = _read_authentication(request)
    return claimed if claimed is not None and _REGISTRABLE.fullmatch(claimed) else None


def _read_parameters(request: Request) -> Parameters | None:
    # Decoded as the endpoint does it, or a name could be written so that only one of the two sees it.
    encoded = request.body.decode("latin-1") if request.method == "POST" else request.query
    try:
        return parse_parameters(encoded)
    except OAuthError:
        return None


def _read_hint(unverified_hint: str | None) -> str | None:
    # An ID token is for one client (OIDC Core §2), which is whom a request to sign out is from.
    try:
        claims = {} if not unverified_hint else parse_compact(unverified_hint, maximum_characters=_LONGEST_HINT).claims
    except NotAToken:
        return None
    audience = claims.get("aud")
    return audience if isinstance(audience, str) else None


def _read_authentication(request: Request) -> str | None:
    # Written in another way, a name is not seen here: then what is wrong counts for the address.
    named = _CLIENT_ID.search(request.body)
    if named is not None:
        return named[1].decode("ascii")
    scheme, _, credentials = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        return _read_basic(credentials.strip(" "))
    assertion = _ASSERTION.search(request.body)
    return None if assertion is None else find_unverified_client_id(assertion[1].decode("ascii"))


def _read_basic(credentials: str) -> str | None:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return None
    return unquote_plus(decoded.partition(":")[0])
