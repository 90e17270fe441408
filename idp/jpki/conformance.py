"""Whether a certificate has the shape of a profile, in our own words.

The library's path validation is made for the web: it refuses a critical policy extension and lets pass a leaf that is
an authority, a 1024-bit key and P-256. So the profile is checked here, before any path is built.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from idp.jpki.certificate import ParsedCertificate
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.profile import CredentialProfile, KeyRule

_KEY_USAGE_OID: Final = "2.5.29.15"
_POLICIES_OID: Final = "2.5.29.32"
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
_RSA_BITS: Final = 2048
_RSA_EXPONENT: Final = 65537


def find_profile(certificate: ParsedCertificate, profiles: Sequence[CredentialProfile]) -> CredentialProfile | None:
    """The profile whose policy is the one policy of the certificate, if there is one.

    Source: J-LIS profile v3.2, certificatePolicies: exactly one policy, which tells the kinds apart.
    """
    policies = certificate.extensions.policies
    if len(policies) != 1:
        return None
    return next((profile for profile in profiles if profile.policy_oid == policies[0]), None)


def check_profile(certificate: ParsedCertificate, profile: CredentialProfile, now: datetime) -> None:
    """Establish that the certificate has the profile's key, purpose, shape and validity.

    Raises:  CardRejected: unsupported_algorithm, wrong_purpose, malformed, not_yet_valid, expired.
    Source:  J-LIS profile v3.2; RFC 5280 §4.1.2.5, §4.2.1.3, §4.2.1.4, §4.2.1.9, §4.2.1.12, §6.1.3.
    Stricter: exact key usage and exactly one policy, because signing and authentication certificates look alike.
    """
    check_key(certificate, profile.key_rule)
    _check_purpose(certificate, profile)
    _check_shape(certificate)
    if now < certificate.not_before:
        raise CardRejected(Rejection.NOT_YET_VALID)
    if now > certificate.not_after:
        raise CardRejected(Rejection.EXPIRED)


def check_key(certificate: ParsedCertificate, rule: KeyRule) -> None:
    """Establish that key and certificate signature are of the one kind that the rule allows.

    Raises: CardRejected: unsupported_algorithm.
    """
    if certificate.signature_oid not in rule.certificate_signatures:
        raise CardRejected(Rejection.UNSUPPORTED_ALGORITHM, "certificate signature algorithm")
    key = certificate.public_key
    if rule.algorithm == "RS256":
        allowed = (
            isinstance(key, rsa.RSAPublicKey)
            and certificate.public_key_oid == _RSA_ENCRYPTION
            and key.key_size == _RSA_BITS
            and key.public_numbers().e == _RSA_EXPONENT
        )
    else:
        allowed = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1)
    if not allowed:
        raise CardRejected(Rejection.UNSUPPORTED_ALGORITHM, "key is not the profile's")


def _check_purpose(certificate: ParsedCertificate, profile: CredentialProfile) -> None:
    extensions = certificate.extensions
    if extensions.is_authority:
        raise CardRejected(Rejection.WRONG_PURPOSE, "an authority's certificate")
    if extensions.policies != (profile.policy_oid,):
        raise CardRejected(Rejection.WRONG_PURPOSE, "certificate policy")
    if extensions.key_usage != profile.key_usage:
        raise CardRejected(Rejection.WRONG_PURPOSE, "key usage")
    wanted = None if profile.extended_key_usage is None else (profile.extended_key_usage,)
    if extensions.extended_key_usage != wanted:
        raise CardRejected(Rejection.WRONG_PURPOSE, "extended key usage")


def _check_shape(certificate: ParsedCertificate) -> None:
    extensions = certificate.extensions
    for oid in (_KEY_USAGE_OID, _POLICIES_OID):
        if oid not in extensions.critical:
            raise CardRejected(Rejection.MALFORMED, f"extension {oid} is not critical")
    if extensions.unread_critical:
        raise CardRejected(Rejection.MALFORMED, "unknown critical extension")
    if extensions.authority_key_id is None:
        raise CardRejected(Rejection.MALFORMED, "no authority key identifier")
