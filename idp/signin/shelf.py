"""Where sign-ins in flight are kept: compare-and-swap on the transient store, found by handle or by cookie."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.signin.browser_binding import handle_of, record_key_of
from idp.signin.record import Signin, signin_from_json
from idp.signin.transient import TransientStore

_KIND: Final = "signin"


@dataclass(frozen=True, slots=True)
class StoredSignin:
    """A sign-in as read, with what the next write must prove to have seen."""

    key: str
    version: int
    signin: Signin


class SigninConflict(Exception):
    """Another request changed the sign-in in between; reading it again shows where it stands."""


class SigninShelf:
    """Sign-ins in flight on one transient store."""

    def __init__(self, transient: TransientStore) -> None:
        self._transient = transient

    def put_new(self, cookie_secret: str, signin: Signin, now: datetime) -> None:
        """Store a new sign-in for the browser that holds the cookie."""
        key = record_key_of(handle_of(cookie_secret))
        if not self._transient.insert(_KIND, key, signin.to_json(), signin.expires_at, now):
            raise SigninConflict

    def find_by_handle(self, handle: str, now: datetime) -> StoredSignin | None:
        """The sign-in of a presenter's handle."""
        return self.find_by_key(record_key_of(handle), now)

    def find_by_cookie(self, cookie_secret: str, now: datetime) -> StoredSignin | None:
        """The sign-in of a browser's cookie."""
        return self.find_by_key(record_key_of(handle_of(cookie_secret)), now)

    def find_by_key(self, key: str, now: datetime) -> StoredSignin | None:
        """The sign-in under a record key, which a return address carries; it opens nothing by itself."""
        record = self._transient.find(_KIND, key, now)
        return None if record is None else StoredSignin(key, record.version, signin_from_json(record.value))

    def replace(self, stored: StoredSignin, signin: Signin, now: datetime) -> StoredSignin:
        """Store the sign-in's next state.

        Raises: SigninConflict: somebody else did in between; of many callers one gets through.
        """
        value = signin.to_json()
        if not self._transient.replace(_KIND, stored.key, stored.version, value, signin.expires_at, now):
            raise SigninConflict
        return StoredSignin(stored.key, stored.version + 1, signin)

    def remove(self, stored: StoredSignin, now: datetime) -> None:
        """Forget a finished sign-in."""
        self._transient.take(_KIND, stored.key, now)
