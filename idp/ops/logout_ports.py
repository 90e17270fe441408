"""What the delivery of logouts needs: the durable outbox, the clients, a signer, and somebody who calls."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.audit import AuditWriter


@dataclass(frozen=True, slots=True)
class LogoutDelivery:
    """One logout token that a client is owed.

    ``tries`` are those begun, this one included; ``outcome`` is the code of the last failure, or empty; ``dead_at``
    is when it was given up, None while it is not.
    """

    delivery_id: str
    client_id: str
    sub: str
    sid: str
    created_at: datetime
    due_at: datetime
    tries: int
    outcome: str
    dead_at: datetime | None


class LogoutOutboxWriter(AuditWriter, Protocol):
    """What one durable transaction does with deliveries."""

    def bury_logout_delivery(self, delivery_id: str, tries: int, outcome: str, now: datetime) -> bool:
        """Give the claimed delivery up; it stays for the operator. False if somebody else has taken it over."""
        ...


class LogoutOutbox(Protocol):
    """Deliveries in the durable store. A claim is proven by ``tries``, which every claim raises."""

    def has_due_logout(self, now: datetime) -> bool:
        """Whether there is anything to do; one read."""
        ...

    def claim_logout_deliveries(
        self, now: datetime, *, limit: int, limit_a_client: int, until: datetime
    ) -> tuple[LogoutDelivery, ...]:
        """Take due deliveries, in one statement: of many callers each gets others.

        Each client's oldest come first, so that no client's backlog keeps another's waiting. Whoever took some and
        died loses them at ``until``.
        """
        ...

    def finish_logout_delivery(self, delivery_id: str, tries: int) -> None:
        """The client has it: forget it."""
        ...

    def postpone_logout_delivery(self, delivery_id: str, tries: int, due_at: datetime, outcome: str) -> None:
        """Let a claimed delivery that failed wait; the client's other deliveries wait at least as long."""
        ...

    def return_logout_delivery(self, delivery_id: str, tries: int, due_at: datetime) -> None:
        """Put a claimed delivery back that was not tried; it counts as not claimed."""
        ...

    def hasten_logout_deliveries(self, client_id: str, now: datetime) -> None:
        """The client answers again: let what waits for it be due."""
        ...

    def writing(self) -> AbstractContextManager[LogoutOutboxWriter]:
        """One durable transaction."""
        ...


class DeadLogoutCounter(Protocol):
    """What the doctor asks of the deliveries; may raise StoreUnavailable."""

    def count_dead_logouts(self) -> Mapping[str, int]:
        """How many deliveries were given up and are still there, by client; nothing of those without any."""
        ...


class LogoutCaller(Protocol):
    """Who makes the call, bounded in time and size, and to nobody inside the network."""

    def call(self, url: str, fields: Mapping[str, str]) -> str:
        """POST a form.

        Returns: empty when the client took it; else a code: ``status_…``, ``unreachable``, ``forbidden_address``.
        """
        ...
