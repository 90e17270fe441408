"""Cookies: their names, attributes and what is read of them; one function names them all.

``__Host-`` and Secure keep a sibling host or a plain-http attacker from planting one (RFC 6265bis §4.1.3); only a
loopback http sandbox drops them, because browsers would drop the cookie instead.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import is_identifier
from idp.web.http import Request

SESSION: Final = "session"
KNOWN_ACCOUNTS: Final = "known"
LANGUAGE: Final = "language"
ENDED: Final = "ended"
_TRANSACTION: Final = "tx-"
_ENDED_LIMIT: Final = 4


@dataclass(frozen=True, slots=True)
class TransactionCookie:
    """One sign-in in flight of this browser."""

    tx: str
    issued_at: datetime
    secret: str


class CookieNames:
    """The cookies of this installation."""

    def __init__(self, issuer: str) -> None:
        self._is_secure = issuer.startswith("https://")

    def name(self, what: str) -> str:
        """The one place where a cookie gets its name.

        Ours is in it, because on a developer's machine a relying party on another port shares the cookies of the host.
        """
        return f"__Host-idp-{what}" if self._is_secure else f"idp-{what}"

    def set(self, what: str, value: str, max_age_seconds: int) -> tuple[str, str]:
        """The header that sets a cookie."""
        secure = "; Secure" if self._is_secure else ""
        attributes = f"Max-Age={max_age_seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
        return "Set-Cookie", f"{self.name(what)}={value}; {attributes}"

    def delete(self, what: str) -> tuple[str, str]:
        """The header that deletes a cookie."""
        return self.set(what, "", 0)

    def find(self, request: Request, what: str) -> str | None:
        """A cookie's value; None if absent, or there twice, since then somebody planted one of them."""
        name = self.name(what)
        values = [value for found, value in request.cookies() if found == name]
        return values[0] if len(values) == 1 else None

    # One cookie a transaction, so that two tabs never share a slot.

    def set_transaction(self, cookie: TransactionCookie, max_age_seconds: int) -> tuple[str, str]:
        """The header that binds a sign-in to this browser."""
        value = f"{to_epoch_seconds(cookie.issued_at)}.{cookie.secret}"
        return self.set(_TRANSACTION + cookie.tx, value, max_age_seconds)

    def delete_transaction(self, tx: str) -> tuple[str, str]:
        """The header that forgets a finished sign-in."""
        return self.delete(_TRANSACTION + tx)

    def forget_transaction(self, request: Request, tx: str, max_age_seconds: int) -> tuple[tuple[str, str], ...]:
        """The headers that delete a finished sign-in's cookie and leave a mark that it ended here.

        The mark opens nothing; without it the back button would lead to a page about another browser.
        """
        ended = [tx, *(found for found in self._list_ended(request) if found != tx)][:_ENDED_LIMIT]
        return self.delete_transaction(tx), self.set(ENDED, ".".join(ended), max_age_seconds)

    def has_ended(self, request: Request, tx: str) -> bool:
        """Whether this browser has finished that sign-in a short while ago."""
        return tx in self._list_ended(request)

    def _list_ended(self, request: Request) -> list[str]:
        return [found for found in (self.find(request, ENDED) or "").split(".") if is_identifier(found)]

    def find_transaction(self, request: Request, tx: str) -> TransactionCookie | None:
        """The cookie of one sign-in, if this browser began it."""
        value = self.find(request, _TRANSACTION + tx)
        return None if value is None else _parse_transaction(tx, value)

    def list_transactions(self, request: Request) -> list[TransactionCookie]:
        """All sign-ins of this browser, oldest first; what has not our form is passed over."""
        prefix = self.name(_TRANSACTION)
        parsed = (
            _parse_transaction(name.removeprefix(prefix), value)
            for name, value in request.cookies()
            if name.startswith(prefix)
        )
        return sorted((cookie for cookie in parsed if cookie is not None), key=lambda cookie: cookie.issued_at)


def _parse_transaction(tx: str, value: str) -> TransactionCookie | None:
    issued, separator, secret = value.partition(".")
    if not (separator and is_identifier(tx) and is_identifier(secret) and issued.isascii() and issued.isdigit()):
        return None
    return TransactionCookie(tx, from_epoch_seconds(int(issued[:11])), secret)
