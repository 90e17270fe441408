"""From the certificate on a card to the digests under which its credential is stored."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from idp.identity.credential import LookupDigest
from idp.identity.lookup_keys import LookupKeys, digest_credential
from idp.jpki.certificate import ParsedCertificate, parse_certificate
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors


def digest_certificate(
    unverified_certificate: bytes, trust: TrustAnchors, lookup_keys: LookupKeys
) -> tuple[LookupDigest, ...]:
    """The digests of a user authentication certificate that one of our authorities issued.

    Expired and revoked ones are found too: it is about them that people come. Possession is not proven, because the
    operator has the card in hand and nothing is signed in.
    Raises: CardRejected: malformed, or untrusted_issuer.
    """
    certificate = parse_certificate(unverified_certificate)
    key_id = certificate.extensions.authority_key_id
    for anchor in trust.find_by_key_id("user-authentication", key_id or b""):
        if _has_signed(anchor, certificate):
            return digest_credential(lookup_keys, anchor.issuer_key_id, certificate.serial)
    raise CardRejected(Rejection.UNTRUSTED_ISSUER, "no authority that is trusted here issued this card's certificate")


def _has_signed(anchor: TrustAnchor, certificate: ParsedCertificate) -> bool:
    try:
        certificate.unverified.verify_directly_issued_by(anchor.certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
