"""Who looks at their own page, and how lately the card was shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.identifiers import encode_base64url, new_identifier
from idp.presenter.opening import Opening
from idp.signin.own_account import own_account_client, own_account_request
from idp.signin.parts import KnownBrowser, SigninParts
from idp.signin.record import Signin
from idp.signin.start import Started, put_signin
from idp.signin.what_is_missing import find_usable_session

LONGEST_SINCE_CARD: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class OwnSession:
    """The person of this browser's session; ``may_change`` says that the card was shown at most ten minutes ago."""

    account_id: str
    credential_id: str
    origin_hash: bytes
    may_change: bool


def find_own_session(parts: SigninParts, browser: KnownBrowser, now: datetime) -> OwnSession | None:
    """Whose page this browser may show; None without a live session of an active account and credential."""
    session = find_usable_session(parts, browser, now)
    if session is None:
        return None
    is_recent = now - session.auth_time <= LONGEST_SINCE_CARD
    return OwnSession(session.account_id, session.credential_id, session.origin_hash, may_change=is_recent)


def start_own_signin(parts: SigninParts, language: str, now: datetime) -> Started:
    """Begin a sign-in with the card whose end is the person's own page; a session never shortens it."""
    return put_signin(parts, new_own_signin(parts, language, now), now)


def new_own_signin(parts: SigninParts, language: str, now: datetime) -> Signin:
    """A record that no card was shown for yet, to be stored."""
    return Signin(
        tx=new_identifier(),
        txn=new_identifier(),
        request=own_account_request(parts.issuer),
        client_fingerprint=encode_base64url(own_account_client(parts.issuer).fingerprint),
        language=language,
        issued_at=now,
        expires_at=now + parts.lifetimes.signin,
        opening=Opening(tries_left=parts.presenter_tries),
    )
