"""Proof Key for Code Exchange: only who began the request can redeem its code (RFC 7636, S256 only)."""

import base64
import hashlib
import hmac
import re
from typing import Final

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters

# A S256 challenge is 32 bytes in base64url: 43 characters, of which the last carries four bits.
_CODE_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_CODE_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_code_challenge(parameters: Parameters, *, is_required: bool) -> None:
    """Refuse an authorization request whose challenge is missing, malformed or not S256.

    Raises:   OAuthError invalid_request.
    Source:   RFC 7636 §4.2, §4.3, §4.4.1; RFC 9700 §2.1.1.
    Stricter: ``plain`` is refused, and so is a challenge without a method (which means ``plain``).
    """
    challenge = parameters.get("code_challenge")
    method = parameters.get("code_challenge_method")
    if challenge is None:
        if is_required or method is not None:
            raise OAuthError(ErrorCode.INVALID_REQUEST, "code_challenge is required.", detail="no code_challenge")
        return
    if method != "S256":
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code_challenge_method must be S256.", detail="PKCE is not S256")
    if _CODE_CHALLENGE.fullmatch(challenge) is None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST,
            "code_challenge is not a base64url-encoded SHA-256 value.",
            detail="malformed code_challenge",
        )


def check_code_verifier(code_challenge: str | None, unverified_code_verifier: str | None) -> None:
    """Establish that the token request comes from whoever made the authorization request.

    Raises: OAuthError invalid_request: the verifier is missing. invalid_grant: it is malformed or another one, or there
            was no challenge to verify (a verifier without a challenge is the sign of a downgrade).
    Source: RFC 6749 §5.2; RFC 7636 §4.1, §4.6; RFC 9700 §2.1.1, §4.8.2.
    """
    if code_challenge is None:
        if unverified_code_verifier is not None:
            raise _refusal("a code_verifier, but the request had no code_challenge")
        return
    if unverified_code_verifier is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code_verifier is required.", detail="no code_verifier")
    if _CODE_VERIFIER.fullmatch(unverified_code_verifier) is None:
        raise _refusal("malformed code_verifier")
    digest = hashlib.sha256(unverified_code_verifier.encode("ascii")).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=")
    if not hmac.compare_digest(computed, code_challenge.encode("ascii")):
        raise _refusal("code_verifier does not match")


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_GRANT, "The code_verifier does not match this code.", detail=detail)
