"""Why a presenter's request is refused, in the protocol's own codes (protocol §4)."""

from enum import StrEnum
from typing import Final


class PresenterErrorCode(StrEnum):
    """The codes that are not the card's own outcome."""

    INVALID_REQUEST = "invalid_request"
    UNSUPPORTED_FORMAT = "unsupported_format"
    INVALID_HANDLE = "invalid_handle"
    INVALID_SECRET = "invalid_secret"
    BROWSER_REQUEST = "browser_request"
    INVALID_METHOD = "invalid_method"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    NOT_OPEN = "not_open"
    PROOF_IN_PROGRESS = "proof_in_progress"
    ALREADY_OPENED = "already_opened"
    TRANSACTION_ENDED = "transaction_ended"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"


STATUS_OF: Final = {
    PresenterErrorCode.INVALID_REQUEST: 400,
    PresenterErrorCode.UNSUPPORTED_FORMAT: 400,
    PresenterErrorCode.INVALID_HANDLE: 401,
    PresenterErrorCode.INVALID_SECRET: 401,
    PresenterErrorCode.BROWSER_REQUEST: 403,
    PresenterErrorCode.INVALID_METHOD: 405,
    PresenterErrorCode.NOT_OPEN: 409,
    PresenterErrorCode.PROOF_IN_PROGRESS: 409,
    PresenterErrorCode.ALREADY_OPENED: 410,
    PresenterErrorCode.TRANSACTION_ENDED: 410,
    PresenterErrorCode.TOO_LARGE: 413,
    PresenterErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    PresenterErrorCode.TOO_MANY_REQUESTS: 429,
    PresenterErrorCode.SERVER_ERROR: 500,
}


class PresenterError(Exception):
    """A request of a presenter that the protocol does not allow; ``detail`` is for the log and names no value."""

    def __init__(self, code: PresenterErrorCode, detail: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status of protocol §4."""
        return STATUS_OF[self.code]
