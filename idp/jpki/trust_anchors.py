"""The certification authorities that are trusted, each for one purpose (RFC 5280 §6.1.1)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.jpki.profile import SANDBOX_ARC, Purpose

SANDBOX_ORGANIZATION: Final = "JPKI-SANDBOX"
_PEM_MARK: Final = b"-----BEGIN CERTIFICATE-----"
_ANCHOR_LIMIT_BYTES: Final = 16384
_MINIMUM_RSA_BITS: Final = 2048

AnchorPublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class AnchorRefused(ValueError):
    """A certificate cannot serve as a trust anchor; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """One pinned authority: its purpose, its key, and the two ways to name the key.

    ``name`` is the installation's word for it (that of the manifest), for settings and reports.
    ``key_id`` is the subject key identifier that certificates point to; ``issuer_key_id`` is the SHA-256 of the public
    key (SubjectPublicKeyInfo), which no authority can choose: records use that one.
    """

    name: str
    purpose: Purpose
    certificate: x509.Certificate = field(repr=False)
    public_key: AnchorPublicKey = field(repr=False)
    key_id: bytes
    issuer_key_id: bytes
    not_before: datetime
    not_after: datetime
    sandbox: bool


class TrustAnchors:
    """The pinned authorities of one installation, found by purpose and key identifier.

    Names repeat across generations of an authority, so nothing here is looked up by name.
    """

    def __init__(self, anchors: Iterable[TrustAnchor]) -> None:
        self.anchors: tuple[TrustAnchor, ...] = tuple(anchors)
        by_key: defaultdict[tuple[Purpose, bytes], list[TrustAnchor]] = defaultdict(list)
        for anchor in self.anchors:
            by_key[anchor.purpose, anchor.key_id].append(anchor)
        self._by_key = {key: tuple(found) for key, found in by_key.items()}

    def find_by_key_id(self, purpose: Purpose, key_id: bytes) -> tuple[TrustAnchor, ...]:
        """The anchors for a purpose that a certificate's authority key identifier points to; mostly one, or none."""
        return self._by_key.get((purpose, key_id), ())


def parse_trust_anchor(certificate: bytes, purpose: Purpose, *, name: str, sandbox: bool = False) -> TrustAnchor:
    """Establish that an operator's certificate can serve as an anchor.

    Takes:   PEM or DER; name, of the manifest; sandbox, whether this installation is one.
    Raises:  AnchorRefused: not one certificate, not a self-signed authority, a weak key, or of the other environment
             (a sandbox's authority in production, or any other in a sandbox).
    Source:  RFC 5280 §4.2.1.2, §4.2.1.3, §4.2.1.9.
    """
    parsed = load_certificate(certificate)
    try:
        key_id = _check_authority(parsed)
        key = parsed.public_key()
        marked = has_sandbox_mark(parsed)
    except x509.ExtensionNotFound as fault:
        raise AnchorRefused(f"no extension {fault.oid.dotted_string}") from fault
    except AnchorRefused:
        raise
    except Exception as fault:
        # As in certificate.py: what hostile bytes make the library raise is no closed list.
        raise AnchorRefused(f"not a usable certificate ({type(fault).__name__})") from fault
    if marked is not sandbox:
        raise AnchorRefused("a sandbox's authority" if marked else "not a sandbox's authority")
    return TrustAnchor(
        name=name,
        purpose=purpose,
        certificate=parsed,
        public_key=_check_key_strength(key),
        key_id=key_id,
        issuer_key_id=hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest(),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        sandbox=marked,
    )


def load_certificate(certificate: bytes) -> x509.Certificate:
    """One certificate out of PEM or DER bytes.

    Raises: AnchorRefused: none, several, or too long.
    """
    if len(certificate) > _ANCHOR_LIMIT_BYTES:
        raise AnchorRefused("certificate is too long")
    try:
        if _PEM_MARK not in certificate:
            return x509.load_der_x509_certificate(certificate)
        if certificate.count(_PEM_MARK) > 1:
            raise AnchorRefused("more than one certificate")
        return x509.load_pem_x509_certificate(certificate)
    except AnchorRefused:
        raise
    except Exception as fault:
        raise AnchorRefused(f"not a certificate ({type(fault).__name__})") from fault


def has_sandbox_mark(certificate: x509.Certificate) -> bool:
    """Whether the certificate carries any mark of a sandbox: its organization or a policy below its arc."""
    names = (certificate.subject, certificate.issuer)
    if any(value.value == SANDBOX_ORGANIZATION for name in names for value in name):
        return True
    policies = [e.value for e in certificate.extensions if isinstance(e.value, x509.CertificatePolicies)]
    oids = [policy.policy_identifier.dotted_string for value in policies for policy in value]
    return any(oid.startswith(SANDBOX_ARC) for oid in oids)


def _check_authority(certificate: x509.Certificate) -> bytes:
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    if not constraints.critical or not constraints.value.ca:
        raise AnchorRefused("not an authority (basicConstraints)")
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    if not usage.critical or not usage.value.key_cert_sign or not usage.value.crl_sign:
        raise AnchorRefused("not an authority (keyUsage)")
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception as fault:
        raise AnchorRefused("not signed by itself") from fault
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _check_key_strength(key: object) -> AnchorPublicKey:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MINIMUM_RSA_BITS and key.public_numbers().e >= 65537:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return key
    raise AnchorRefused("key is weak or of an unknown kind")
