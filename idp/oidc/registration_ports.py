"""What self-registration needs from the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.oidc.client import Client


@dataclass(frozen=True, slots=True)
class RegistrationLimits:
    """What a client may register of its own will: ``scope`` and ``redirect_hosts``, empty for no limit of its own.

    They stay with the client, so that what was not allowed at first is not allowed by a change either.
    """

    scope: tuple[str, ...] = ()
    redirect_hosts: tuple[str, ...] = ()


NO_LIMITS = RegistrationLimits()


@dataclass(frozen=True, slots=True)
class Invitation:
    """A usable initial access token (RFC 7591 §3); ``token_id`` is not the token."""

    token_id: str
    limits: RegistrationLimits


@dataclass(frozen=True, slots=True)
class SelfRegistration:
    """A client with what hangs on its registration; ``expires_at`` is when it is removed, None for never."""

    client: Client
    token_hash: bytes
    limits: RegistrationLimits
    software_statement: str | None
    expires_at: datetime | None
    invitation: Invitation | None = None


class RegistrationStore(Protocol):
    """Self-registered clients; every method is one transaction."""

    def find_invitation(self, token_hash: bytes, now: datetime) -> Invitation | None:
        """The initial access token, if it is known, has uses left and is not past its time."""
        ...

    def insert_registration(self, registration: SelfRegistration, most_open: int, now: datetime) -> bool:
        """Record the client, spending one use of its invitation in one statement.

        False, and nothing happened, if the invitation has no use left; or, without one, if there are ``most_open``
        clients that came without one.
        """
        ...

    def find_registration(self, client_id: str, token_hash: bytes, now: datetime) -> SelfRegistration | None:
        """The client of a registration access token; None for every other pair, and past the client's time."""
        ...

    def replace_registration(
        self, former: Client, client: Client, software_statement: str | None, now: datetime
    ) -> bool:
        """Register the client anew; False if it is not as ``former`` was any more."""
        ...

    def delete_client(self, client_id: str, now: datetime) -> bool:
        """Remove the client with its grants, tokens and consents; False if there is none."""
        ...
