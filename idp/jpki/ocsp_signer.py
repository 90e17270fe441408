"""Who signed an OCSP response: the authority itself, or a responder that it named for this (RFC 6960 §4.2.2.2)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, Hash, HashAlgorithm
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.jpki.ocsp_question import encode_key_bits
from idp.jpki.trust_anchors import AnchorPublicKey, TrustAnchor

_CERTIFICATES_LIMIT: Final = 4
_MINIMUM_RSA_BITS: Final = 2048
_RSA_SIGNATURES: Final[dict[str, HashAlgorithm]] = {
    "1.2.840.113549.1.1.11": SHA256(),
    "1.2.840.113549.1.1.12": SHA384(),
    "1.2.840.113549.1.1.13": SHA512(),
}
_EC_SIGNATURES: Final[dict[str, HashAlgorithm]] = {
    "1.2.840.10045.4.3.2": SHA256(),
    "1.2.840.10045.4.3.3": SHA384(),
    "1.2.840.10045.4.3.4": SHA512(),
}
_READ_EXTENSIONS: Final = (
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.BasicConstraints,
    x509.OCSPNoCheck,
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
    x509.CertificatePolicies,
)


class SignerRefused(ValueError):
    """Nobody who may answer for this anchor signed the response; the message is for the operator."""


def check_signer(response: ocsp.OCSPResponse, anchor: TrustAnchor, now: datetime) -> None:
    """Establish that the response is signed by the anchor, or by a responder whose certificate the anchor signed.

    Raises:  SignerRefused.
    Source:  RFC 6960 §4.2.2.2, §4.2.2.2.1, §4.2.2.3 (responderID).
    Omitted: a responder chosen by local configuration (§4.2.2.2, first kind): nobody has asked for one.
    """
    if len(response.certificates) > _CERTIFICATES_LIMIT:
        raise SignerRefused("OCSP response carries too many certificates")
    fault = "OCSP responder is not named by this authority"
    for public_key, delegate in _candidates(response, anchor):
        if not _has_signed(public_key, response):
            fault = "OCSP signature is not the responder's"
            continue
        if delegate is not None:
            _check_delegate(delegate, anchor, now)
        return
    raise SignerRefused(fault)


def _candidates(
    response: ocsp.OCSPResponse, anchor: TrustAnchor
) -> Iterator[tuple[AnchorPublicKey, x509.Certificate | None]]:
    if _is_named(response, anchor.certificate.subject, anchor.public_key):
        yield anchor.public_key, None
    for certificate in response.certificates:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and _is_named(
            response, certificate.subject, key
        ):
            yield key, certificate


def _is_named(response: ocsp.OCSPResponse, subject: x509.Name, key: AnchorPublicKey) -> bool:
    if response.responder_name is not None:
        return response.responder_name == subject
    digest = Hash(SHA1())  # noqa: S303 -- responderID byKey is a SHA-1 by definition, an identifier that proves nothing
    digest.update(encode_key_bits(key))
    return response.responder_key_hash == digest.finalize()


def _has_signed(key: AnchorPublicKey, response: ocsp.OCSPResponse) -> bool:
    algorithm = response.signature_algorithm_oid.dotted_string
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA_SIGNATURES:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), _RSA_SIGNATURES[algorithm])
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _EC_SIGNATURES:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(_EC_SIGNATURES[algorithm]))
            return True
    except InvalidSignature:
        return False
    return False


def _check_delegate(delegate: x509.Certificate, anchor: TrustAnchor, now: datetime) -> None:
    # Issued by the authority itself, not by something below it: §4.2.2.2, "MUST be issued directly by the CA".
    try:
        delegate.verify_directly_issued_by(anchor.certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as fault:
        raise SignerRefused("OCSP responder's certificate is not of this authority") from fault
    if not delegate.not_valid_before_utc <= now <= delegate.not_valid_after_utc:
        raise SignerRefused("OCSP responder's certificate is outside its validity")
    _check_extensions(delegate.extensions)
    key = delegate.public_key()
    is_strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MINIMUM_RSA_BITS
    if not is_strong and not (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= 256):
        raise SignerRefused("OCSP responder's key is weak")


def _check_extensions(extensions: x509.Extensions) -> None:
    found = {type(extension.value): extension.value for extension in extensions}
    if any(extension.critical and not isinstance(extension.value, _READ_EXTENSIONS) for extension in extensions):
        raise SignerRefused("OCSP responder's certificate has an unknown critical extension")
    purposes = found.get(x509.ExtendedKeyUsage)
    if not isinstance(purposes, x509.ExtendedKeyUsage) or ExtendedKeyUsageOID.OCSP_SIGNING not in purposes:
        raise SignerRefused("OCSP responder's certificate is not for signing OCSP responses")
    # Stricter than §4.2.2.2.1: without it the responder's own status would have to be asked, of another responder.
    if x509.OCSPNoCheck not in found:
        raise SignerRefused("OCSP responder's certificate has no ocsp-nocheck")
    usage, constraints = found.get(x509.KeyUsage), found.get(x509.BasicConstraints)
    if isinstance(usage, x509.KeyUsage) and not usage.digital_signature:
        raise SignerRefused("OCSP responder's key usage")
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise SignerRefused("OCSP responder's certificate is an authority's")
