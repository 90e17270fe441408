"""What changed since a complete list, and that list brought up to date by it (RFC 5280 §5.2.4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cryptography import x509

from idp.jpki.certificate import SERIAL_LIMIT_BYTES
from idp.jpki.crl import CrlRefused, VerifiedCrl, check_entry, check_scope, encode_serials, find_reason, read_signed_crl
from idp.jpki.crl_partition import partition_id
from idp.jpki.trust_anchors import TrustAnchor

_REMOVED: Final = x509.ReasonFlags.remove_from_crl
_HELD: Final = x509.ReasonFlags.certificate_hold


@dataclass(frozen=True, slots=True)
class VerifiedDelta:
    """Changes signed by an anchor since the complete list ``base_number``, for one scope.

    ``added`` are revoked for good, ``held`` are on hold, ``removed`` are off hold or have expired.
    """

    issuer_key_id: bytes
    base_number: int
    crl_number: int
    this_update: datetime
    next_update: datetime
    added: frozenset[int] = field(repr=False)
    removed: frozenset[int] = field(repr=False)
    partition: bytes = b""
    held: frozenset[int] = field(repr=False, default=frozenset())


def verify_delta(
    unverified_der: bytes, anchor: TrustAnchor, now: datetime, distribution_point: x509.Name | None = None
) -> VerifiedDelta:
    """Establish that the bytes are the anchor's own delta for a scope.

    Raises:  CrlRefused: as for a complete list, or no delta at all.
    Source:  RFC 5280 §5.2.4, §5.3.1 (removeFromCRL), §6.3.3 (c).
    """
    signed = read_signed_crl(unverified_der, anchor, now)
    if signed.base_number is None:
        raise CrlRefused("CRL is not a delta")
    check_scope(signed, distribution_point)
    try:
        entries = list(_changes(signed.crl))
    except CrlRefused:
        raise
    except Exception as fault:
        raise CrlRefused(f"delta CRL cannot be read ({type(fault).__name__})") from fault
    return VerifiedDelta(
        anchor.issuer_key_id,
        signed.base_number,
        signed.crl_number,
        signed.this_update,
        signed.next_update,
        added=frozenset(serial for serial, reason in entries if reason not in (_REMOVED, _HELD)),
        removed=frozenset(serial for serial, reason in entries if reason is _REMOVED),
        partition=b"" if distribution_point is None else partition_id(distribution_point),
        held=frozenset(serial for serial, reason in entries if reason is _HELD),
    )


def apply_delta(complete: VerifiedCrl, delta: VerifiedDelta) -> VerifiedCrl:
    """A complete list brought up to the delta's time.

    Raises:  CrlRefused: of another authority or scope, or the list is older than the delta's base.
    Source:  RFC 5280 §5.2.4 (a) to (d): same issuer, same scope, number not below the base's and below the delta's.
    """
    if (delta.issuer_key_id, delta.partition) != (complete.issuer_key_id, complete.partition):
        raise CrlRefused("delta CRL is of another scope")
    if complete.crl_number < delta.base_number:
        raise CrlRefused("delta CRL is based on a newer list")
    if complete.crl_number >= delta.crl_number:
        return complete
    if complete.this_update > delta.this_update:
        raise CrlRefused("delta CRL is older than the list but has a higher number")
    gone, added = set(_records(delta.removed)), set(_records(delta.added - delta.removed))
    revoked = {record for record in _split(complete.serials) if record not in gone} | added
    # What is revoked for good is never on hold again, whatever the order of the two.
    held = {*_split(complete.held), *_records(delta.held)} - gone - revoked
    return replace(
        complete,
        crl_number=delta.crl_number,
        this_update=delta.this_update,
        next_update=delta.next_update,
        serials=b"".join(sorted(revoked)),
        base_number=complete.crl_number,
        held=b"".join(sorted(held)),
    )


def _records(serial_numbers: frozenset[int]) -> list[bytes]:
    return list(_split(encode_serials(set(serial_numbers))))


def _split(records: bytes) -> Iterator[bytes]:
    return (records[at : at + SERIAL_LIMIT_BYTES] for at in range(0, len(records), SERIAL_LIMIT_BYTES))


def _changes(crl: x509.CertificateRevocationList) -> Iterator[tuple[int, x509.ReasonFlags | None]]:
    for entry in crl:
        check_entry(entry)
        yield entry.serial_number, find_reason(entry)
