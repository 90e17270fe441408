"""A card or phone that is to reach a person's account: which of the ceremony's proofs a transaction asks for.

The ceremony is two transactions of one ``txn``, each with its own nonce and signed bytes: first the credential that
vouches, then the one that joins. Where the old card is gone, one transaction asks operators instead.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from idp.clock import from_epoch_seconds, to_epoch_seconds


class AttachPart(StrEnum):
    """Whose proof is asked for."""

    VOUCHER = "voucher"
    NEWCOMER = "newcomer"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Attaching:
    """What the ceremony has established so far.

    ``account_id`` is the account that the card is to reach. ``begun_by`` is that of the session in which it was begun:
    the same, or for a request the one that the new card has opened meanwhile. ``voucher_id``, ``vouched_at`` and
    ``check_ids`` are the proven voucher's; they are empty in any other part than ``newcomer``.
    """

    part: AttachPart
    account_id: str
    begun_by: str
    voucher_id: str = ""
    vouched_at: datetime | None = None
    check_ids: tuple[str, ...] = ()

    def to_members(self) -> dict[str, Any]:
        """As JSON members, times in epoch seconds."""
        return {
            "part": self.part.value,
            "account_id": self.account_id,
            "begun_by": self.begun_by,
            "voucher_id": self.voucher_id,
            "vouched_at": None if self.vouched_at is None else to_epoch_seconds(self.vouched_at),
            "check_ids": list(self.check_ids),
        }


def attaching_from_members(members: dict[str, Any]) -> Attaching:
    """The inverse of ``to_members``, for records of our own store."""
    vouched_at = members["vouched_at"]
    return Attaching(
        part=AttachPart(members["part"]),
        account_id=members["account_id"],
        begun_by=members["begun_by"],
        voucher_id=members["voucher_id"],
        vouched_at=None if vouched_at is None else from_epoch_seconds(vouched_at),
        check_ids=tuple(members["check_ids"]),
    )
