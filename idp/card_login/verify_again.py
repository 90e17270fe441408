"""A kept signature verified again, years later: as of the moment of signing, from the kept bytes and pinned anchors."""

from collections.abc import Sequence
from datetime import datetime

from idp.card_login.kept_proof import KeptProof
from idp.jpki.certificate import ParsedCertificate, parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.conformance import check_profile, find_profile
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.possession import check_possession
from idp.jpki.profile import CredentialProfile
from idp.jpki.trust_anchors import TrustAnchors
from idp.presenter.signed_bytes import message_to_sign


class NoLongerKnown(Exception):
    """This installation has lost what the question needs: an authority's certificate, or a profile of its settings."""


def verify_kept_certificate(
    kept: KeptProof, *, profiles: Sequence[CredentialProfile], trust: TrustAnchors, signed_at: datetime
) -> ChainedCertificate:
    """Establish that the kept certificate was one for digital signatures, valid when it signed, of a pinned authority.

    Returns: the certificate with its anchor. Its status is not asked again: what the sources said then stands in the
             record's checks.
    Raises:  CardRejected; NoLongerKnown: neither yes nor no can be said here any more.
    Source:  RFC 5280 §6.1; J-LIS profile v3.2.
    """
    certificate = parse_certificate(kept.certificate)
    profile = find_profile(certificate, profiles)
    if profile is None:
        raise NoLongerKnown("no profile of this installation has the certificate's policy")
    if profile.purpose != kept.purpose:
        raise CardRejected(Rejection.WRONG_PURPOSE, "not a certificate for digital signatures")
    check_profile(certificate, profile, signed_at)
    _check_has_anchor(certificate, profile, trust)
    return verify_chain(certificate, profile, trust, signed_at)


def check_kept_signature(kept: KeptProof) -> None:
    """Establish that the kept certificate's key signed M, rebuilt from the kept issuer, nonce and transaction.

    Raises: CardRejected.
    Source: card presenter protocol §3.3.
    """
    message = message_to_sign(kept.purpose, kept.issuer, kept.nonce, kept.transaction.encode("utf-8"))
    check_possession(parse_certificate(kept.certificate), message, kept.algorithm, kept.signature)


def _check_has_anchor(certificate: ParsedCertificate, profile: CredentialProfile, trust: TrustAnchors) -> None:
    key_id = certificate.extensions.authority_key_id
    if key_id is not None and not trust.find_by_key_id(profile.purpose, key_id):
        raise NoLongerKnown("the authority that the certificate names is not among the trust anchors")
