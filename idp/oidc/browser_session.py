"""A browser session: that this browser's person signed in with a card, and when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A live session; its secret is in the browser's cookie, its hash in the store.

    A new one is made at every authentication, and the old one ended (no session fixation). ``origin_hash`` is the
    ``session_hash`` of the first in such a row of one person in one browser: what clients know by their ``sid`` goes on
    through a step-up, although the cookie does not.
    Source: OIDC Core §2 (auth_time, acr, amr); RFC 9700 §4.
    """

    session_hash: bytes
    origin_hash: bytes
    account_id: str
    credential_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    status_time: datetime | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
