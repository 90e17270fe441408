"""From a certificate to the pinned authority that signed it: one step, because JPKI has one tier (RFC 5280 §6.1)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from idp.jpki.certificate import ParsedCertificate
from idp.jpki.crl_partition import list_partitions
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors


@dataclass(frozen=True, slots=True)
class ChainedCertificate:
    """A certificate of a known profile that a pinned authority signed; possession and status are still open."""

    certificate: ParsedCertificate
    profile: CredentialProfile
    anchor: TrustAnchor

    @property
    def serial(self) -> bytes:
        """Its serial number, big-endian."""
        return self.certificate.serial

    @property
    def partitions(self) -> tuple[bytes, ...]:
        """The partitions whose lists speak of it."""
        return list_partitions(self.certificate)


def verify_chain(
    certificate: ParsedCertificate, profile: CredentialProfile, trust: TrustAnchors, now: datetime
) -> ChainedCertificate:
    """Establish that an anchor for the profile's purpose signed the certificate.

    The authority key identifier only says which anchors to try; the signature decides.

    Raises:  CardRejected: untrusted_issuer.
    Source:  RFC 5280 §4.2.1.1, §6.1.3 (a)(1), (a)(2), (a)(4).
    """
    key_id = certificate.extensions.authority_key_id
    candidates = () if key_id is None else trust.find_by_key_id(profile.purpose, key_id)
    for anchor in candidates:
        if anchor.sandbox is profile.sandbox and _has_signed(anchor, certificate):
            if not anchor.not_before <= now <= anchor.not_after:
                raise CardRejected(Rejection.UNTRUSTED_ISSUER, "anchor is outside its validity")
            return ChainedCertificate(certificate, profile, anchor)
    raise CardRejected(Rejection.UNTRUSTED_ISSUER, "no anchor has signed it" if candidates else "no such anchor")


def _has_signed(anchor: TrustAnchor, certificate: ParsedCertificate) -> bool:
    try:
        # Compares the names as well, and the algorithm inside the signed part with the one outside.
        certificate.unverified.verify_directly_issued_by(anchor.certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
