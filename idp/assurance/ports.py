"""What the evaluation needs from outside, matched structurally by ``stores``."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.assurance.predicate import PredicateKind


@dataclass(frozen=True, slots=True)
class CertificateReference:
    """What names a signer's certificate to a lawful verifier: the issuer's DN and the serial number, hexadecimal.

    The one thing that comes over the seam from a certificate itself (decision 0013); therefore in no repr.
    """

    issuer: str
    serial_number: str = field(repr=False)


class CertificateReferences(Protocol):
    """The signing certificates behind evidence, kept only for clients that may lawfully have them.

    Asked only for such a client that wants ``electronic_signature`` and a person who agreed to the serial number.
    """

    def find_certificate_reference(self, evidence_id: str) -> CertificateReference | None:
        """The certificate of an evidence; None if it was not kept."""
        ...


class QuestionCounter(Protocol):
    """How many questions about one person one sector got answered."""

    def count_question(
        self, account_id: str, sector: str, kind: PredicateKind, name: str, limit: int, now: datetime
    ) -> bool:
        """Whether a question may be answered; it is counted in the same statement.

        True if this very question was answered within the last 365 days, or fewer than ``limit`` different ones of its
        kind were. Of several callers at the limit, one gets True.
        """
        ...
