"""Bytes to a verified, complete certificate revocation list (RFC 5280 §5, §6.3).

Run by the refresher, never in a request: half a million entries take a second.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from idp.jpki.certificate import SERIAL_LIMIT_BYTES
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.trust_anchors import TrustAnchor

CRL_LIMIT_BYTES: Final = 64 * 1024 * 1024
# The authority's clock and ours may differ; a list from further ahead is a mistake or a forgery of time.
CLOCK_SKEW_SECONDS: Final = 300

_SIGNATURES: Final = frozenset({"1.2.840.113549.1.1.11", "1.2.840.10045.4.3.3"})
_CRITICAL_ENTRY_EXTENSIONS: Final = frozenset({"2.5.29.21", "2.5.29.24"})  # reasonCode, invalidityDate


class CrlRefused(CardUnverifiable):
    """A list that must not be used, so the status stays unknown; ``detail`` is for the operator."""

    def __init__(self, detail: str) -> None:
        super().__init__(Unverifiable.STATUS_UNAVAILABLE, detail)


@dataclass(frozen=True, slots=True)
class VerifiedCrl:
    """A complete list signed by an anchor.

    ``serials`` are the revoked serial numbers, each as 20 bytes big-endian, sorted and joined.
    """

    issuer_key_id: bytes
    crl_number: int
    this_update: datetime
    next_update: datetime
    serials: bytes = field(repr=False)


def verify_crl(unverified_der: bytes, anchor: TrustAnchor, now: datetime) -> VerifiedCrl:
    """Establish that the bytes are the anchor's own, complete revocation list.

    Takes:   DER, at most 64 MiB; now, aware UTC.
    Raises:  CrlRefused: broken, of another issuer or key, partial (delta, partitioned, indirect, by reason), without
             CRLNumber or nextUpdate, from the future, or with a critical extension nobody here reads.
    Source:  RFC 5280 §5.1, §5.2.3, §5.2.5, §5.3, §6.3.3.
    Stricter: a partitioned list is refused, because for a certificate of another partition silence would mean good.
    """
    if len(unverified_der) > CRL_LIMIT_BYTES:
        raise CrlRefused("CRL is too long")
    try:
        return _verify(unverified_der, anchor, now)
    except CrlRefused:
        raise
    except Exception as fault:
        # As in certificate.py: what hostile bytes make the library raise is no closed list.
        raise CrlRefused(f"CRL cannot be read ({type(fault).__name__})") from fault


def _verify(unverified_der: bytes, anchor: TrustAnchor, now: datetime) -> VerifiedCrl:
    unverified = x509.load_der_x509_crl(unverified_der)
    if unverified.issuer != anchor.certificate.subject:
        raise CrlRefused("CRL is of another issuer")
    if unverified.signature_algorithm_oid.dotted_string not in _SIGNATURES:
        raise CrlRefused("CRL signature algorithm")
    # The issuer's name is shared by all generations of the authority; the signature tells them apart.
    if not unverified.is_signature_valid(anchor.public_key):
        raise CrlRefused("CRL is not signed by this anchor")
    this_update, next_update = _check_times(unverified, now)
    crl_number = _check_extensions(unverified.extensions, anchor)
    return VerifiedCrl(anchor.issuer_key_id, crl_number, this_update, next_update, _revoked_serials(unverified))


def _check_times(crl: x509.CertificateRevocationList, now: datetime) -> tuple[datetime, datetime]:
    this_update, next_update = crl.last_update_utc, crl.next_update_utc
    if next_update is None:
        raise CrlRefused("CRL has no nextUpdate")
    if next_update <= this_update:
        raise CrlRefused("CRL ends before it begins")
    if this_update > now + timedelta(seconds=CLOCK_SKEW_SECONDS):
        raise CrlRefused("CRL is from the future")
    return this_update, next_update


def _check_extensions(extensions: x509.Extensions, anchor: TrustAnchor) -> int:
    crl_number: int | None = None
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.CRLNumber):
            crl_number = value.crl_number
        elif isinstance(value, x509.IssuingDistributionPoint):
            _check_complete(value)
        elif isinstance(value, x509.AuthorityKeyIdentifier):
            if value.key_identifier is not None and value.key_identifier != anchor.key_id:
                raise CrlRefused("CRL names another key")
        elif extension.critical:
            raise CrlRefused(f"critical CRL extension {extension.oid.dotted_string}")
    if crl_number is None or crl_number < 0:
        raise CrlRefused("CRL has no CRLNumber")
    return crl_number


def _check_complete(point: x509.IssuingDistributionPoint) -> None:
    partial = (
        point.full_name is not None
        or point.relative_name is not None
        or point.indirect_crl
        or point.only_contains_ca_certs
        or point.only_contains_attribute_certs
        or point.only_some_reasons is not None
    )
    if partial:
        raise CrlRefused("CRL is not complete (issuingDistributionPoint)")


def _revoked_serials(crl: x509.CertificateRevocationList) -> bytes:
    serials: set[bytes] = set()
    for entry in crl:
        for extension in entry.extensions:
            if extension.critical and extension.oid.dotted_string not in _CRITICAL_ENTRY_EXTENSIONS:
                raise CrlRefused("critical CRL entry extension")
        if entry.serial_number < 0:
            raise CrlRefused("CRL entry with a negative serial number")
        serials.add(entry.serial_number.to_bytes(SERIAL_LIMIT_BYTES, "big"))
    return b"".join(sorted(serials))
