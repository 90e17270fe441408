"""The call that brings a client its logout token (Back-Channel Logout §2.5, §2.8)."""

from collections.abc import Mapping
from typing import Final

from idp.outbound.guarded_http import FetchFailed, FetchRefused, GuardedHttp

# 200 is the standard's answer; 204 is what some frameworks make of a 200 without a body (§2.8).
_TAKEN: Final = frozenset({200, 204})


class LogoutCall:
    """One POST through the guard; what went wrong comes back as a code, for it is counted and shown, not raised."""

    def __init__(self, http: GuardedHttp) -> None:
        self._http = http

    def call(self, url: str, fields: Mapping[str, str]) -> str:
        """POST the form; empty when it was taken, else ``status_…``, ``unreachable`` or ``forbidden_address``."""
        try:
            status = self._http.post_form(url, fields)
        except FetchRefused:
            return "forbidden_address"
        except FetchFailed:
            return "unreachable"
        return "" if status in _TAKEN else f"status_{status}"
