"""Nonces for DPoP proofs, derived from the time, so that no process has to remember any (RFC 9449 §8)."""

import hmac
from datetime import datetime
from typing import Final

from idp.clock import to_epoch_seconds
from idp.identifiers import encode_base64url

# A client that has just been given a nonce may use it for at least this long, and for at most twice as long.
WINDOW_SECONDS: Final = 120
_NONCE_BYTES: Final = 16


class DPoPNonces:
    """One nonce a window of time, the same in every process that has the key.

    A nonce is not for one use: the ``jti`` of a proof is. It only proves that the proof was not made long before.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def current(self, now: datetime) -> str:
        """The nonce to hand out now, 22 base64url characters."""
        return self._derive(to_epoch_seconds(now) // WINDOW_SECONDS)

    def is_valid(self, unverified_nonce: str, now: datetime) -> bool:
        """Whether this was handed out in this window or the one before."""
        window = to_epoch_seconds(now) // WINDOW_SECONDS
        presented = unverified_nonce.encode("utf-8", "surrogatepass")
        return any(hmac.compare_digest(presented, self._derive(each).encode("ascii")) for each in (window, window - 1))

    def _derive(self, window: int) -> str:
        digest = hmac.digest(self._key, b"dpop-nonce" + window.to_bytes(8, "big"), "sha256")
        return encode_base64url(digest[:_NONCE_BYTES])
