"""An account: our record of one person, without a name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountState(StrEnum):
    """Whether the account may sign in.

    A merged one goes on as another account, a closed one was deleted by its person: both keep retired subjects, so that
    no ``sub`` is given twice.
    """

    ACTIVE = "active"
    SUSPENDED = "suspended"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the provider knows them: a random identifier and a state."""

    account_id: str
    state: AccountState
    opened_at: datetime
