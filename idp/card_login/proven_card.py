"""A proven card: what is kept of a verified certificate between the proof and the person's return."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.evidence import BasicFour, Check, CredentialKind, Evidence, EvidenceKind
from idp.identifiers import encode_base64url
from idp.identity.credential import LinkageAnswer, LookupDigest, PresentedCredential, SealedSerial


@dataclass(frozen=True, slots=True)
class ProvenCard:
    """A card that answered; no certificate, serial or key in the clear, only keyed digests to look its owner up.

    ``status_time`` is the moment for which the certificate was known not to be revoked, None without a status source.
    A card whose ``purpose`` is ``digital-signature`` opens no session by itself. Its ``attributes`` are in the clear
    only between proof or unsealing and their use; ``sealed_attributes`` is their form at rest. One of them is empty.
    ``sealed_proof`` is the whole proof of a signature, where somebody must be able to show it later; else empty.
    """

    presented: PresentedCredential
    amr: tuple[str, ...]
    credential_kind: CredentialKind
    checks: tuple[Check, ...]
    status_time: datetime | None
    verified_at: datetime
    purpose: EvidenceKind = "user-authentication"
    attributes: BasicFour | None = field(default=None, repr=False)
    sealed_attributes: str = field(default="", repr=False)
    sealed_proof: str = field(default="", repr=False)

    def to_members(self) -> dict[str, Any]:
        """As JSON members, times in epoch seconds.

        Raises: ValueError: there are attributes in the clear, which are never stored so.
        """
        if self.attributes is not None:
            raise ValueError("seal the attributes before they are stored")
        return {
            "digests": _digest_members(self.presented.digests),
            "profile": self.presented.profile,
            "kind": self.credential_kind,
            "valid_until": to_epoch_seconds(self.presented.valid_until),
            "linkage": None if self.presented.linkage is None else _linkage_members(self.presented.linkage),
            "serial": None if self.presented.serial is None else _serial_members(self.presented.serial),
            "listed_by": self.presented.listed_by,
            "amr": list(self.amr),
            "checks": [[check.id, check.method, to_epoch_seconds(check.time)] for check in self.checks],
            "status_time": None if self.status_time is None else to_epoch_seconds(self.status_time),
            "verified_at": to_epoch_seconds(self.verified_at),
            "purpose": self.purpose,
            "sealed_attributes": self.sealed_attributes,
            "sealed_proof": self.sealed_proof,
        }

    def to_evidence(self, evidence_id: str) -> Evidence:
        """The evidence that goes into an ``Authentication``."""
        return Evidence(
            evidence_id=evidence_id,
            kind=self.purpose,
            credential_kind=self.credential_kind,
            verified_at=self.verified_at,
            procedure=self.presented.profile,
            checks=self.checks,
            attributes=self.attributes,
        )


def proven_card_from_members(members: dict[str, Any]) -> ProvenCard:
    """The inverse of ``to_members``, for records of our own store."""
    status_time = members["status_time"]
    return ProvenCard(
        presented=PresentedCredential(
            digests=_digests_from(members["digests"]),
            profile=members["profile"],
            kind=members["kind"],
            valid_until=from_epoch_seconds(members["valid_until"]),
            linkage=_linkage_from(members.get("linkage")),
            serial=_serial_from(members.get("serial")),
            listed_by=members.get("listed_by"),
        ),
        amr=tuple(members["amr"]),
        credential_kind=members["kind"],
        checks=tuple(Check(check_id, method, from_epoch_seconds(time)) for check_id, method, time in members["checks"]),
        status_time=None if status_time is None else from_epoch_seconds(status_time),
        verified_at=from_epoch_seconds(members["verified_at"]),
        purpose=members.get("purpose", "user-authentication"),
        sealed_attributes=members.get("sealed_attributes", ""),
        sealed_proof=members.get("sealed_proof", ""),
    )


def _digest_members(digests: tuple[LookupDigest, ...]) -> list[list[str]]:
    return [[digest.key_id, encode_base64url(digest.digest)] for digest in digests]


def _digests_from(members: list[list[str]]) -> tuple[LookupDigest, ...]:
    return tuple(LookupDigest(key_id, base64.urlsafe_b64decode(digest + "=")) for key_id, digest in members)


def _linkage_members(linkage: LinkageAnswer) -> dict[str, Any]:
    return {
        "digests": _digest_members(linkage.digests),
        "check_id": linkage.check_id,
        "as_of": to_epoch_seconds(linkage.as_of),
    }


def _linkage_from(members: dict[str, Any] | None) -> LinkageAnswer | None:
    if members is None:
        return None
    return LinkageAnswer(_digests_from(members["digests"]), members["check_id"], from_epoch_seconds(members["as_of"]))


def _serial_members(serial: SealedSerial) -> dict[str, Any]:
    return {"sealed": serial.sealed, "due_at": to_epoch_seconds(serial.due_at)}


def _serial_from(members: dict[str, Any] | None) -> SealedSerial | None:
    return None if members is None else SealedSerial(members["sealed"], from_epoch_seconds(members["due_at"]))
