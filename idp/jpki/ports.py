"""What the verification of a card needs from others: the status of a certificate, and the bytes of a CRL."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from idp.jpki.named_certificate import NamedCertificate

StatusMethod = Literal["crl", "ocsp", "operator"]


class StatusState(StrEnum):
    """What a source says of a certificate; unknown is not revoked (RFC 6960 §2.2), on hold not for good (RFC 5280)."""

    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """One answer of one source.

    ``this_update`` is the moment for which the answer holds, not the moment of asking; ``check_id`` is random.
    """

    state: StatusState
    this_update: datetime
    source: StatusMethod
    check_id: str


class RevocationSource(Protocol):
    """One place that knows the status of certificates."""

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        """The status as this source knows it.

        Raises: CardUnverifiable: status_unavailable, status_stale.
        """
        ...


class RevocationCheck(Protocol):
    """The installation's whole rule about status, as ``verify_card`` asks it."""

    def check_good(self, certificate: NamedCertificate, now: datetime) -> Status | None:
        """Establish that the certificate is not revoked; None where no status is to be had (sandbox only).

        Raises: CardRejected: revoked, on_hold. CardUnverifiable: status_unavailable, status_stale.
        """
        ...


class CrlSource(Protocol):
    """Where the bytes of one CRL come from: a file or a configured address."""

    def read(self) -> bytes:
        """The whole CRL as it is now, unverified.

        Raises: CardUnverifiable: status_unavailable.
        """
        ...
