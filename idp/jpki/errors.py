"""The two answers other than yes: *no* (``CardRejected``) and *we could not find out* (``CardUnverifiable``).

They are never merged: the first sends the person to the municipal office, the second sends a page to the operator.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Rejection(StrEnum):
    """We know, and the answer is no."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    WRONG_PURPOSE = "wrong_purpose"
    UNTRUSTED_ISSUER = "untrusted_issuer"
    BAD_SIGNATURE = "bad_signature"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    MALFORMED = "malformed"
    ATTRIBUTES_UNREADABLE = "attributes_unreadable"
    DIFFERENT_PERSON = "different_person"
    SUSPENDED = "suspended"


class Unverifiable(StrEnum):
    """We could not find out."""

    STATUS_UNAVAILABLE = "status_unavailable"
    STATUS_STALE = "status_stale"
    LINKAGE_UNAVAILABLE = "linkage_unavailable"


@dataclass(frozen=True, slots=True)
class ProvenCredential:
    """Which credential answered the challenge although it was then refused, so that limits and revocation reach it.

    ``issuer_key_id`` is the SHA-256 of the anchor's public key; ``serial`` is big-endian and shown nowhere.
    """

    issuer_key_id: bytes
    serial: bytes = field(repr=False)


class CardError(Exception):
    """A card was not accepted.

    ``reason`` is what the person and the audit are told; ``detail`` is for the log and holds no personal data.
    ``possession_proven`` says whether the key had answered: only then may anything be counted against the credential,
    because the certificate of a plastic card can be read by anybody near it.
    """

    def __init__(self, reason: StrEnum, detail: str = "", *, proven: ProvenCredential | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason: StrEnum = reason
        self.detail = detail
        self.proven = proven

    @property
    def possession_proven(self) -> bool:
        """Whether the challenge had been answered before the refusal."""
        return self.proven is not None


class CardRejected(CardError):
    """We know, and the answer is no."""

    def __init__(self, reason: Rejection, detail: str = "", *, proven: ProvenCredential | None = None) -> None:
        super().__init__(reason, detail, proven=proven)
        self.reason: Rejection = reason


class CardUnverifiable(CardError):
    """We could not find out; trying again later may help.

    ``is_unknown`` says that a source did answer, and knows nothing of this one certificate: no outage.
    """

    def __init__(self, reason: Unverifiable, detail: str = "", *, proven: ProvenCredential | None = None) -> None:
        super().__init__(reason, detail, proven=proven)
        self.reason: Unverifiable = reason
        self.is_unknown = False
