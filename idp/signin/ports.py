"""What one sign-in needs from the stores: both halves' writes in one durable transaction."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from idp.assurance.predicate import PredicateKind
from idp.identity.credential import SealedSerial
from idp.identity.linking_ports import AttachmentReader, LinkRequestWriter, ShownLinkRequestReader
from idp.identity.ports import IdentityReader
from idp.oidc.browser_session import BrowserSession
from idp.oidc.ports import GrantWriter, TokenReader
from idp.signin.evidence_record import EvidenceRecord
from idp.signin.own_account_overview import AccountOverviewReader, OwnAccountWriter


class SigninWriter(GrantWriter, LinkRequestWriter, OwnAccountWriter, Protocol):
    """Everything a finished sign-in writes, committed together or not at all."""

    def insert_browser_session(self, session: BrowserSession) -> None:
        """Record a new session."""
        ...

    def end_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """End a session for every client that it reached.

        Its grants end with it but for those that the person allowed offline access, and clients that want to be told
        of the logout are told by a delivery, recorded in this very transaction.
        Source: Back-Channel Logout §2.3, §2.7.
        """
        ...

    def succeed_browser_session(self, session_hash: bytes, account_id: str, now: datetime) -> bytes | None:
        """End a session in favour of a new one in the same browser.

        Returns: its ``origin_hash`` where it was this account's: nothing is told to anybody, the new one carries on.
                 None where there was none, or another account's, which ends as by ``end_browser_session``.
        """
        ...

    def touch_browser_session(self, session_hash: bytes, now: datetime) -> None:
        """Note that the session was used, for its idle life."""
        ...

    def touch_credential(
        self, credential_id: str, now: datetime, serial: SealedSerial | None = None, listed_by: str | None = None
    ) -> bool:
        """Note, to the day, when the credential was last shown, and keep its sealed serial number, or forget it.

        ``listed_by`` names the revocation lists that tell of it, so that no other list is taken to.
        Returns: False if another transaction has ended the credential since it was found.
        """
        ...

    def insert_sealed_claims(self, grant_id: str, sealed: str, credential_id: str | None = None) -> None:
        """Record what a grant releases, and the signing certificate that it comes from, which ends it too."""
        ...

    def insert_evidence(self, record: EvidenceRecord) -> None:
        """Keep what was checked, agreed to and told; it outlives the grant."""
        ...

    def find_evidence(self, txn: str, now: datetime) -> EvidenceRecord | None:
        """The record of a sign-in, inside the transaction that records the reading; None if there is none any more."""
        ...

    def count_question(
        self, account_id: str, sector: str, kind: PredicateKind, name: str, limit: int, now: datetime
    ) -> bool:
        """Whether a question may be answered; counted at once (``assurance.ports.QuestionCounter``)."""
        ...

    def save_consent(
        self, account_id: str, client_id: str, scope: frozenset[str], now: datetime, expires_at: datetime
    ) -> None:
        """Remember what the person agreed to give this client."""
        ...


class SessionClientReader(Protocol):
    """Which clients a browser session reached; its grants remember them, also when it is over."""

    def find_frontchannel_clients(self, account_id: str, origin_hash: bytes, limit: int) -> tuple[str, ...]:
        """The ids of those that redeemed a code of the session and registered a ``frontchannel_logout_uri``.

        Clients that the operator has reviewed come first, then the latest: where there are more than ``limit``, the
        others are left out.
        """
        ...


class SealedClaimsReader(Protocol):
    """What grants release, as it rests."""

    def find_sealed_claims(self, grant_id: str) -> str | None:
        """What a grant releases, still sealed; None if it releases nothing about the person."""
        ...


class SigninStore(
    TokenReader,
    IdentityReader,
    AttachmentReader,
    ShownLinkRequestReader,
    SealedClaimsReader,
    SessionClientReader,
    AccountOverviewReader,
    Protocol,
):
    """Durable state as one sign-in sees it."""

    def writing(self) -> AbstractContextManager[SigninWriter]:
        """One durable transaction."""
        ...
