"""What asking again between two sign-ins needs of the stores, matched structurally from above."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.identity.credential import LookupDigest
from idp.ops.ports import CredentialEnds


@dataclass(frozen=True, slots=True)
class KeptSerial:
    """A credential whose sealed serial number is kept; ``due_at`` is when it was due before it was claimed."""

    credential_id: str
    lookup: LookupDigest
    sealed: str = field(repr=False)
    valid_until: datetime = field(repr=False)
    is_revoked: bool
    due_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSerials:
    """How many serial numbers are kept, and when the first of them is or was due; None where there is none.

    ``first_known_at`` is the oldest moment as of which one of them was last known to be good, by card or answer.
    """

    count: int
    first_due_at: datetime | None
    first_known_at: datetime | None = None


class KeptSerialStore(CredentialEnds, Protocol):
    """Credentials about which somebody has to be asked. All may raise StoreUnavailable."""

    def claim_kept_serials(self, due_by: datetime, claimed_until: datetime, limit: int) -> tuple[KeptSerial, ...]:
        """Take those that were due first, and make them due again later: of two callers one gets each."""
        ...

    def unclaim_kept_serials(self, unasked: Sequence[KeptSerial], claimed_until: datetime) -> None:
        """Let claimed ones be due when they were before; one that was shown since it was claimed stays as it is."""
        ...

    def find_relied_on(self, credential_ids: Sequence[str], now: datetime) -> Collection[str]:
        """Those of them on which a session, a grant or what a grant releases rests."""
        ...

    def record_good_status(self, credential_id: str, status_time: datetime, due_at: datetime) -> None:
        """Note that the credential was not revoked as of a moment; an older moment than the noted one changes none."""
        ...

    def postpone_recheck(self, credential_id: str, due_at: datetime) -> None:
        """Let the credential be due at another time."""
        ...

    def forget_serials(self, credential_ids: Sequence[str], claimed_until: datetime) -> int:
        """Delete what is kept of claimed certificates; how many were kept.

        One that was shown since it was claimed is due at another time by now, and stays.
        """
        ...

    def forget_all_serials(self, limit: int) -> int:
        """Delete what is kept of at most ``limit`` certificates; how many were kept."""
        ...

    def count_kept_serials(self) -> KeptSerials:
        """How many there are, for the doctor."""
        ...
