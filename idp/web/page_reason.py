"""Why a page says no, where neither the card nor the card app is the reason; with the HTTP status of that page."""

from enum import StrEnum
from typing import Final


class PageReason(StrEnum):
    """The reasons of the pages themselves. A test compares them with the catalogues and with ``docs/errors.md``."""

    UNKNOWN_CLIENT = "unknown_client"
    INVALID_REDIRECT_URI = "invalid_redirect_uri"
    INVALID_REQUEST = "invalid_request"
    INVALID_LOGOUT_REQUEST = "invalid_logout_request"
    DUPLICATE_PARAMETER = "duplicate_parameter"
    TOO_LARGE = "too_large"
    CLIENT_CHANGED = "client_changed"
    SIGN_IN_EXPIRED = "sign_in_expired"
    SIGN_IN_ENDED = "sign_in_ended"
    TOO_MANY_TRIES = "too_many_tries"
    ALREADY_OPENED = "already_opened"
    OTHER_BROWSER = "other_browser"
    POSSIBLE_RELAY = "possible_relay"
    RETURNED_ELSEWHERE = "returned_elsewhere"
    COOKIE_MISSING = "cookie_missing"
    INVALID_FORM = "invalid_form"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_MANY_REQUESTS = "too_many_requests"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    NO_ENCRYPTION_KEY = "no_encryption_key"
    SERVER_ERROR = "server_error"


PAGE_STATUS: Final = {
    PageReason.UNKNOWN_CLIENT: 400,
    PageReason.INVALID_REDIRECT_URI: 400,
    PageReason.INVALID_REQUEST: 400,
    PageReason.INVALID_LOGOUT_REQUEST: 400,
    PageReason.DUPLICATE_PARAMETER: 400,
    PageReason.TOO_LARGE: 413,
    PageReason.CLIENT_CHANGED: 409,
    PageReason.SIGN_IN_EXPIRED: 410,
    PageReason.SIGN_IN_ENDED: 410,
    PageReason.TOO_MANY_TRIES: 403,
    PageReason.ALREADY_OPENED: 409,
    PageReason.OTHER_BROWSER: 403,
    PageReason.POSSIBLE_RELAY: 403,
    PageReason.RETURNED_ELSEWHERE: 403,
    PageReason.COOKIE_MISSING: 403,
    PageReason.INVALID_FORM: 403,
    PageReason.NOT_FOUND: 404,
    PageReason.METHOD_NOT_ALLOWED: 405,
    PageReason.TOO_MANY_REQUESTS: 429,
    PageReason.TEMPORARILY_UNAVAILABLE: 503,
    PageReason.NO_ENCRYPTION_KEY: 503,
    PageReason.SERVER_ERROR: 500,
}
