"""Is the card genuine? All that is checked, in order: local steps first, the status last.

So nobody without the card's key can make the provider ask anybody about somebody else's certificate.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from idp.evidence import Check
from idp.identifiers import Randomness, new_identifier
from idp.jpki.certificate import ParsedCertificate, parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.conformance import check_profile, find_profile
from idp.jpki.errors import CardError, CardRejected, ProvenCredential, Rejection
from idp.jpki.ports import RevocationCheck, Status
from idp.jpki.possession import check_possession
from idp.jpki.profile import CredentialProfile, Purpose
from idp.jpki.trust_anchors import TrustAnchors


@dataclass(frozen=True, slots=True)
class VerifiedCertificate:
    """A genuine certificate whose key answered this challenge and which was not revoked.

    ``issuer_key_id`` (SHA-256 of the authority's public key) and ``serial`` (big-endian) name the credential. Serial
    and validity are personal data and absent from the repr. ``status`` is None only in a sandbox without a source.
    """

    profile: CredentialProfile
    issuer_key_id: bytes
    serial: bytes = field(repr=False)
    not_before: datetime = field(repr=False)
    not_after: datetime = field(repr=False)
    status: Status | None
    checks: tuple[Check, ...]


def verify_card(
    unverified_certificate: bytes,
    message: bytes,
    algorithm: str,
    unverified_signature: bytes,
    *,
    purpose: Purpose,
    profiles: Sequence[CredentialProfile],
    trust: TrustAnchors,
    revocation: RevocationCheck,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> VerifiedCertificate:
    """Establish that a live My Number Card answered this challenge, its PIN typed.

    Takes:   certificate, DER; message, the signed bytes rebuilt by the server; algorithm and signature as sent;
             purpose, the one the challenge was for; profiles and trust of this installation; now, aware UTC.
    Returns: the one proven value of this package; it is made here only.
    Raises:  CardRejected, CardUnverifiable; ``possession_proven`` is set iff step 4 had passed.
    Source:  RFC 5280 §6.1; J-LIS profile v3.2; docs/architecture.md, "The card".
    """
    # 1  Parse within limits.
    certificate = parse_certificate(unverified_certificate)
    # 2  Profile: key, policy for this purpose, usages, no authority, validity.
    profile = _profile_for_purpose(certificate, purpose, profiles)
    check_profile(certificate, profile, now)
    # 3  Chain to an anchor pinned for this purpose and environment.
    chained = verify_chain(certificate, profile, trust, now)
    # 4  Possession: origin, nonce and transaction are in what is signed.
    check_possession(certificate, message, algorithm, unverified_signature)
    # 5  Status, last.
    try:
        status = revocation.check_good(chained, now)
    except CardError as refusal:
        refusal.proven = ProvenCredential(chained.anchor.issuer_key_id, certificate.serial)
        raise
    return _verified(chained, status, now, randomness)


def _profile_for_purpose(
    certificate: ParsedCertificate, purpose: Purpose, profiles: Sequence[CredentialProfile]
) -> CredentialProfile:
    profile = find_profile(certificate, profiles)
    if profile is None or profile.purpose != purpose:
        raise CardRejected(Rejection.WRONG_PURPOSE, "no profile for this purpose has its policy")
    return profile


def _verified(
    chained: ChainedCertificate, status: Status | None, now: datetime, randomness: Randomness
) -> VerifiedCertificate:
    status_check = (
        Check(new_identifier(randomness), "none", now)
        if status is None
        else Check(status.check_id, status.source, status.this_update)
    )
    return VerifiedCertificate(
        profile=chained.profile,
        issuer_key_id=chained.anchor.issuer_key_id,
        serial=chained.certificate.serial,
        not_before=chained.certificate.not_before,
        not_after=chained.certificate.not_after,
        status=status,
        checks=(Check(new_identifier(randomness), "signature", now), status_check),
    )
