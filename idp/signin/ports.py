"""What one sign-in needs from the stores: both halves' writes in one durable transaction."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from idp.identity.ports import IdentityReader, IdentityWriter
from idp.oidc.browser_session import BrowserSession
from idp.oidc.ports import GrantWriter, TokenReader


class SigninWriter(GrantWriter, IdentityWriter, Protocol):
    """Everything a finished sign-in writes, committed together or not at all."""

    def insert_browser_session(self, session: BrowserSession) -> None:
        """Record a new session."""
        ...

    def end_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """End a session. Its grants live on until they expire or are revoked."""
        ...

    def touch_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """Note that the session was used, for its idle life."""
        ...

    def touch_credential(self, credential_id: str, now: datetime) -> None:
        """Note, to the day, when the credential was last shown."""
        ...

    def save_consent(
        self, account_id: str, client_id: str, scope: frozenset[str], now: datetime, expires_at: datetime
    ) -> None:
        """Remember what the person agreed to give this client."""
        ...


class SigninStore(TokenReader, IdentityReader, Protocol):
    """Durable state as one sign-in sees it."""

    def writing(self) -> AbstractContextManager[SigninWriter]:
        """One durable transaction."""
        ...
