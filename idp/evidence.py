"""The seam between the two halves: what a card sign-in established, without anything that identifies the card.

No certificate, serial number or key crosses it. ``card_login`` makes an ``Authentication``; ``oidc`` and ``assurance``
read it. The one exception has a port of its own: ``assurance.ports.CertificateReferences`` (decision 0013).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

CredentialKind = Literal["card", "phone"]
EvidenceKind = Literal["user-authentication", "digital-signature"]
Gender = Literal["male", "female", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made, resolvable by an auditor.

    ``method`` names the source (``crl``, ``ocsp``, ``none``, ``signature``); ``id`` is random.
    """

    id: str
    method: str
    time: datetime


@dataclass(frozen=True, slots=True)
class BasicFour:
    """The basic four attributes (基本4情報) of a digital signature certificate; issue of verified claims.

    Name and address stand as the certificate has them: one text each, split nowhere. The substitutions are the
    positions, from 0 and ascending, of the characters that stand for others which the certificate cannot carry.
    Absent from every repr, because these are personal data.
    """

    name: str = field(repr=False)
    name_substitutions: tuple[int, ...] = field(repr=False)
    address: str = field(repr=False)
    address_substitutions: tuple[int, ...] = field(repr=False)
    birthdate: date = field(repr=False)
    gender: Gender = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One certificate's part in an authentication."""

    evidence_id: str
    kind: EvidenceKind
    credential_kind: CredentialKind
    verified_at: datetime
    procedure: str
    checks: tuple[Check, ...]
    attributes: BasicFour | None = None


@dataclass(frozen=True, slots=True)
class Authentication:
    """A person has shown a card and typed its PIN.

    ``acr`` is one of the provider's levels (``{issuer}/acr/user-authentication`` …), ``amr`` RFC 8176 values,
    ``status_time`` the moment for which the certificate's status was known, None where no status source is configured.
    """

    account_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    status_time: datetime | None
    evidence: tuple[Evidence, ...]
