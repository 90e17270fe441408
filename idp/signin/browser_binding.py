"""What follows from the secret in a transaction's cookie: the presenter's handle, the record's key, the form tokens.

Nothing of it is stored in plain: who reads the transient store can neither present a card nor finish a sign-in.
"""

import base64
import hashlib
import hmac
from typing import Final

from idp.identifiers import encode_base64url, is_identifier

_HANDLE_CONTEXT: Final = b"mynumber-idp/v1/handle"
_FORM_CONTEXT: Final = b"mynumber-idp/v1/form"
_CODE_CONTEXT: Final = b"mynumber-idp/v1/code"


def handle_of(cookie_secret: str) -> str:
    """The presenter's handle, 43 base64url characters; only this browser can compute it, at every reload the same."""
    return _derive(cookie_secret, _HANDLE_CONTEXT)


def record_key_of(handle: str) -> str:
    """Under which key the transient store has the sign-in: SHA-256 of the handle, base64url."""
    return encode_base64url(hashlib.sha256(handle.encode("utf-8", "replace")).digest())


def form_token(cookie_secret: str) -> str:
    """The value that the forms of this sign-in carry against cross-site requests."""
    return _derive(cookie_secret, _FORM_CONTEXT)


def is_form_token(cookie_secret: str, unverified_token: str | None) -> bool:
    """Whether a posted form was made for this browser's sign-in."""
    sent = (unverified_token or "").encode("utf-8", "replace")
    return hmac.compare_digest(form_token(cookie_secret).encode("ascii"), sent)


def code_of(cookie_secret: str) -> str:
    """The authorization code of a consent given in this browser: however often the form is sent, it gets the same."""
    return _derive(cookie_secret, _CODE_CONTEXT)


def _derive(cookie_secret: str, context: bytes) -> str:
    if not is_identifier(cookie_secret):
        raise ValueError("not a cookie secret")
    return encode_base64url(hmac.digest(base64.urlsafe_b64decode(cookie_secret + "="), context, "sha256"))
