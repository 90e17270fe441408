"""What a client is entitled to be told: registered error codes, and the two ways an answer can go back.

Implements RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 8707 §2, RFC 9449 §5
and §8, OIDC Core §3.1.2.6, RFC 7591 §3.2.2.
"""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from idp.oidc.redirect_uri import VerifiedRedirect

_NOT_SENDABLE: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class ErrorCode(StrEnum):
    """Codes of the IANA registry "OAuth Extensions Error" that this provider answers with."""

    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    ACCESS_DENIED = "access_denied"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    INVALID_SCOPE = "invalid_scope"
    SERVER_ERROR = "server_error"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_TOKEN_TYPE = "unsupported_token_type"
    LOGIN_REQUIRED = "login_required"
    CONSENT_REQUIRED = "consent_required"
    INTERACTION_REQUIRED = "interaction_required"
    ACCOUNT_SELECTION_REQUIRED = "account_selection_required"
    REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported"
    REGISTRATION_NOT_SUPPORTED = "registration_not_supported"
    INVALID_REQUEST_URI = "invalid_request_uri"
    INVALID_REQUEST_OBJECT = "invalid_request_object"
    INVALID_AUTHORIZATION_DETAILS = "invalid_authorization_details"
    UNMET_AUTHENTICATION_REQUIREMENTS = "unmet_authentication_requirements"
    INVALID_TOKEN = "invalid_token"
    INVALID_DPOP_PROOF = "invalid_dpop_proof"
    USE_DPOP_NONCE = "use_dpop_nonce"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    INVALID_TARGET = "invalid_target"
    INVALID_REDIRECT_URI = "invalid_redirect_uri"
    INVALID_CLIENT_METADATA = "invalid_client_metadata"
    INVALID_SOFTWARE_STATEMENT = "invalid_software_statement"
    UNAPPROVED_SOFTWARE_STATEMENT = "unapproved_software_statement"


_STATUS: Final = {
    ErrorCode.INVALID_CLIENT: 401,
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.INSUFFICIENT_SCOPE: 403,
    ErrorCode.SERVER_ERROR: 500,
    ErrorCode.TEMPORARILY_UNAVAILABLE: 503,
}


class OAuthError(Exception):
    """An answer that the client is entitled to.

    ``code`` and ``description`` are sent, ``detail`` is for the log alone, ``status`` is the HTTP status where the
    answer is not a redirect, ``authenticate`` the value of ``WWW-Authenticate`` where one belongs to it, ``headers``
    what else the answer carries. None of them carries a secret, a token or an attribute.
    Source: RFC 6749 §5.2: an error_description has no characters outside %x20-21 / %x23-5B / %x5D-7E; others are
            replaced, so that no caller can break the answer.
    """

    def __init__(
        self,
        code: ErrorCode,
        description: str,
        *,
        detail: str = "",
        status: int | None = None,
        authenticate: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.code = code
        self.description = _NOT_SENDABLE.sub("?", description)
        self.detail = detail
        self.status = _STATUS.get(code, 400) if status is None else status
        self.authenticate = authenticate
        self.headers = headers
        super().__init__(f"{code.value}: {self.description}")

    def to_body(self) -> dict[str, str]:
        """The members of a JSON error answer (RFC 6749 §5.2)."""
        return {"error": self.code.value, "error_description": self.description}


class ClientKeysUnavailable(Exception):
    """The keys that a client publishes at its ``jwks_uri`` cannot be had now; the message is for the log."""


class DocumentUnavailable(Exception):
    """A document at an address that a client registered cannot be had now; the message is for the log."""


class AuthorizationRefused(Exception):
    """An error that goes back to the client through the browser; without a proven target it cannot exist.

    Source: RFC 6749 §4.1.2.1; RFC 9700 §4.11.
    """

    def __init__(self, error: OAuthError, to: "VerifiedRedirect") -> None:
        super().__init__(str(error))
        self.error = error
        self.to = to
