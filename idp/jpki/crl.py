"""Bytes to a verified certificate revocation list, whole or of one partition (RFC 5280 §5, §6.3).

Run by the refresher, never in a request: half a million entries take a second.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from idp.jpki.certificate import SERIAL_LIMIT_BYTES
from idp.jpki.crl_partition import partition_id
from idp.jpki.crl_signature import has_signed_crl
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.trust_anchors import TrustAnchor

CRL_LIMIT_BYTES: Final = 64 * 1024 * 1024
# The authority's clock and ours may differ; a list from further ahead is a mistake or a forgery of time.
CLOCK_SKEW_SECONDS: Final = 300

_CRITICAL_ENTRY_EXTENSIONS: Final = frozenset({"2.5.29.21", "2.5.29.24"})  # reasonCode, invalidityDate
# In DER a critical extension holds TRUE just before its OCTET STRING, in these four bytes and no others.
_CRITICAL_MARK: Final = b"\x01\x01\xff\x04"
# The value of a reasonCode that says certificateHold: an OCTET STRING around an ENUMERATED 6.
_HOLD_MARK: Final = b"\x04\x03\x0a\x01\x06"


class CrlRefused(CardUnverifiable):
    """A list that must not be used, so the status stays unknown; ``detail`` is for the operator."""

    def __init__(self, detail: str) -> None:
        super().__init__(Unverifiable.STATUS_UNAVAILABLE, detail)


@dataclass(frozen=True, slots=True)
class SignedCrl:
    """A list signed by an anchor, of our time; what it speaks of is still to be asked."""

    crl: x509.CertificateRevocationList = field(repr=False)
    crl_number: int
    this_update: datetime
    next_update: datetime
    point: x509.IssuingDistributionPoint | None
    base_number: int | None
    has_critical_entries: bool
    has_held_entries: bool


@dataclass(frozen=True, slots=True)
class VerifiedCrl:
    """A list signed by an anchor, complete for its scope: the whole authority, or one partition.

    ``serials`` are the serial numbers that are revoked for good, each as 20 bytes big-endian, sorted and joined;
    ``held`` are those on hold, which may be good again (RFC 5280 §5.3.1); none is in both. ``partition`` is empty for
    the whole authority. ``base_number`` is the CRLNumber of the complete list where a delta was applied to it.
    """

    issuer_key_id: bytes
    crl_number: int
    this_update: datetime
    next_update: datetime
    serials: bytes = field(repr=False)
    partition: bytes = b""
    base_number: int | None = None
    held: bytes = field(repr=False, default=b"")


def verify_crl(
    unverified_der: bytes, anchor: TrustAnchor, now: datetime, distribution_point: x509.Name | None = None
) -> VerifiedCrl:
    """Establish that the bytes are the anchor's own list, complete for the scope that it is to serve.

    Takes:   DER, at most 64 MiB; now, aware UTC; distribution_point, the one partition, or None for the authority.
    Raises:  CrlRefused: broken, of another issuer, key or scope, partial (delta, indirect, by reason), without
             CRLNumber or nextUpdate, from the future, or with a critical extension nobody here reads.
    Source:  RFC 5280 §5.1, §5.2.3, §5.2.5, §5.3, §6.3.3.
    Stricter: a list is used for the one scope that the settings give it, because for a certificate of another partition
              silence would mean good.
    """
    signed = read_signed_crl(unverified_der, anchor, now)
    if signed.base_number is not None:
        raise CrlRefused("CRL is not complete (delta)")
    check_scope(signed, distribution_point)
    serials, held = _listed_serials(signed)
    return VerifiedCrl(
        anchor.issuer_key_id,
        signed.crl_number,
        signed.this_update,
        signed.next_update,
        serials,
        b"" if distribution_point is None else partition_id(distribution_point),
        held=held,
    )


def read_signed_crl(unverified_der: bytes, anchor: TrustAnchor, now: datetime) -> SignedCrl:
    """Establish that an anchor signed the list and that it is of our time.

    Raises:  CrlRefused.
    Source:  RFC 5280 §5.1, §5.2, §6.3.3 (f), (g).
    """
    if len(unverified_der) > CRL_LIMIT_BYTES:
        raise CrlRefused("CRL is too long")
    try:
        return _read(unverified_der, anchor, now)
    except CrlRefused:
        raise
    except Exception as fault:
        # As in certificate.py: what hostile bytes make the library raise is no closed list.
        raise CrlRefused(f"CRL cannot be read ({type(fault).__name__})") from fault


def check_scope(signed: SignedCrl, distribution_point: x509.Name | None) -> None:
    """Establish that a list speaks of every certificate of its scope, for every reason, and of no other issuer's.

    Raises:  CrlRefused.
    Source:  RFC 5280 §5.2.5, §6.3.3 (b)(2).
    """
    point = signed.point
    if point is None:
        if distribution_point is not None:
            raise CrlRefused("CRL is not of the distribution point")
        return
    if (
        point.relative_name is not None
        or point.indirect_crl
        or point.only_contains_ca_certs
        or point.only_contains_attribute_certs
        or point.only_some_reasons is not None
    ):
        raise CrlRefused("CRL is not complete (issuingDistributionPoint)")
    names = [name.value for name in point.full_name or () if isinstance(name, x509.DirectoryName)]
    if distribution_point is None:
        if point.full_name is not None:
            raise CrlRefused("CRL is not complete (of one distribution point)")
    elif distribution_point not in names:
        raise CrlRefused("CRL is of another distribution point")


def encode_serials(serial_numbers: set[int]) -> bytes:
    """Serial numbers as sorted records of 20 bytes.

    Raises: CrlRefused: one is negative or longer.
    """
    ordered = sorted(serial_numbers)
    if ordered and (ordered[0] < 0 or ordered[-1].bit_length() > 8 * SERIAL_LIMIT_BYTES):
        raise CrlRefused("CRL entry with a serial number out of range")
    return b"".join([serial.to_bytes(SERIAL_LIMIT_BYTES, "big") for serial in ordered])


def check_entry(entry: x509.RevokedCertificate) -> None:
    """Establish that an entry has no critical extension that nobody here reads; certificateIssuer is one.

    Raises:  CrlRefused.
    Source:  RFC 5280 §5.3, §6.3.3.
    """
    for extension in entry.extensions:
        if extension.critical and extension.oid.dotted_string not in _CRITICAL_ENTRY_EXTENSIONS:
            raise CrlRefused("critical CRL entry extension")


def find_reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    """Why an entry is on a list, where it says so.

    Source: RFC 5280 §5.3.1.
    """
    reasons = [extension.value.reason for extension in entry.extensions if isinstance(extension.value, x509.CRLReason)]
    return reasons[0] if reasons else None


def _read(unverified_der: bytes, anchor: TrustAnchor, now: datetime) -> SignedCrl:
    unverified = x509.load_der_x509_crl(unverified_der)
    if unverified.issuer != anchor.certificate.subject:
        raise CrlRefused("CRL is of another issuer")
    # The issuer's name is shared by all generations of the authority; the signature tells them apart.
    if not has_signed_crl(anchor.public_key, unverified, unverified_der):
        raise CrlRefused("CRL is not signed by this anchor")
    this_update, next_update = _check_times(unverified, now)
    found = {type(extension.value): extension.value for extension in _check_extensions(unverified.extensions, anchor)}
    number, delta = found.get(x509.CRLNumber), found.get(x509.DeltaCRLIndicator)
    point = found.get(x509.IssuingDistributionPoint)
    if not isinstance(number, x509.CRLNumber) or number.crl_number < 0:
        raise CrlRefused("CRL has no CRLNumber")
    marks = sum(extension.critical for extension in unverified.extensions)
    return SignedCrl(
        unverified,
        number.crl_number,
        this_update,
        next_update,
        point if isinstance(point, x509.IssuingDistributionPoint) else None,
        delta.crl_number if isinstance(delta, x509.DeltaCRLIndicator) else None,
        # Looking at the extensions of every entry takes longer than everything else; mostly none can be critical.
        has_critical_entries=unverified_der.count(_CRITICAL_MARK) > marks,
        has_held_entries=_HOLD_MARK in unverified_der,
    )


def _check_times(crl: x509.CertificateRevocationList, now: datetime) -> tuple[datetime, datetime]:
    this_update, next_update = crl.last_update_utc, crl.next_update_utc
    if next_update is None:
        raise CrlRefused("CRL has no nextUpdate")
    if next_update <= this_update:
        raise CrlRefused("CRL ends before it begins")
    if this_update > now + timedelta(seconds=CLOCK_SKEW_SECONDS):
        raise CrlRefused("CRL is from the future")
    return this_update, next_update


def _check_extensions(extensions: x509.Extensions, anchor: TrustAnchor) -> list[x509.Extension[x509.ExtensionType]]:
    read = (x509.CRLNumber, x509.DeltaCRLIndicator, x509.IssuingDistributionPoint)
    found: list[x509.Extension[x509.ExtensionType]] = []
    for extension in extensions:
        value = extension.value
        if isinstance(value, read):
            found.append(extension)
        elif isinstance(value, x509.AuthorityKeyIdentifier):
            if value.key_identifier is not None and value.key_identifier != anchor.key_id:
                raise CrlRefused("CRL names another key")
        elif extension.critical:
            raise CrlRefused(f"critical CRL extension {extension.oid.dotted_string}")
    return found


def _listed_serials(signed: SignedCrl) -> tuple[bytes, bytes]:
    try:
        if signed.has_critical_entries:
            for entry in signed.crl:
                check_entry(entry)
        if not signed.has_held_entries:
            return encode_serials({entry.serial_number for entry in signed.crl}), b""
        revoked, held = set[int](), set[int]()
        for entry in signed.crl:
            (held if find_reason(entry) is x509.ReasonFlags.certificate_hold else revoked).add(entry.serial_number)
        return encode_serials(revoked), encode_serials(held - revoked)
    except CrlRefused:
        raise
    except Exception as fault:
        raise CrlRefused(f"CRL cannot be read ({type(fault).__name__})") from fault
