"""A credential: one certificate that an account signs in with, kept only as a keyed digest."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CredentialState(StrEnum):
    """Whether the credential may sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class LookupDigest:
    """HMAC-SHA-256 of (issuer key, serial) under one look-up key; serials alone could be enumerated.

    ``key_id`` names the look-up key; ``digest`` has 32 bytes.
    """

    key_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class LinkageAnswer:
    """Whose credential it is, as a platform operator said: the person as digests under every valid key, newest first.

    ``check_id`` resolves to the operator's answer, ``as_of`` is the moment for which it holds.
    """

    digests: tuple[LookupDigest, ...]
    check_id: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SealedSerial:
    """A certificate's issuer and serial number, sealed for its credential, and when its status is asked for again."""

    sealed: str = field(repr=False)
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """What a verified certificate becomes before it is looked up: digests under every valid key, newest first.

    ``valid_until`` is the certificate's notAfter; it tells a birthday, so it never leaves the provider. ``linkage`` is
    None where nobody was asked. ``serial`` is None where the status need not be asked for between two sign-ins;
    ``listed_by`` names the revocation lists that tell of the certificate, empty for none, None where that is not known.
    """

    digests: tuple[LookupDigest, ...]
    profile: str
    kind: str
    valid_until: datetime
    linkage: LinkageAnswer | None = None
    serial: SealedSerial | None = None
    listed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A stored credential with the state of its account.

    ``announced_until`` is the end of the latest announcement of that account, None if there was none. ``link_digest``
    is written only: whom an operator named when it was first seen.
    """

    credential_id: str
    account_id: str
    lookup: LookupDigest
    profile: str
    kind: str
    valid_until: datetime
    state: CredentialState
    is_account_active: bool
    announced_until: datetime | None = None
    link_digest: bytes | None = None

    def is_account_announcing(self, now: datetime) -> bool:
        """Whether the person has to be told that a card or phone joined the account."""
        return self.announced_until is not None and now < self.announced_until
