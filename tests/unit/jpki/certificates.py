"""Certificates and lists with one fault each, signed by throwaway authorities; keys are made once a process."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from idp.jpki.profile import (
    CARD_DIGITAL_SIGNATURE,
    CARD_USER_AUTHENTICATION,
    CLIENT_AUTHENTICATION,
    PRODUCTION_PROFILES,
    CredentialProfile,
    Purpose,
)
from idp.jpki.trust_anchors import TrustAnchor, TrustAnchors, parse_trust_anchor
from idp.jpki.verify import VerifiedCertificate, verify_card

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
MESSAGE = b"mynumber-idp/v1/user-authentication\x00" + bytes(96)
DAY = timedelta(days=1)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def rsa_key(name: str, bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


@cache
def ec_key(name: str, curve: str = "P-384") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"P-384": ec.SECP384R1(), "P-256": ec.SECP256R1()}[curve])


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def name(*units: str, organization: str = "THROWAWAY") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
        ]
    )


AUTHORITY_NAME = name("for user authentication", "Authority")
SIGNING_AUTHORITY_NAME = name("for digital signature", "Authority")


def key_usage(*bits: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{bit: bit in bits for bit in every})


def policies(*oids: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids])


@dataclass(frozen=True)
class Fault:
    """An authority's certificate, or what is wrong with it."""

    subject: x509.Name = AUTHORITY_NAME
    key: PrivateKey = field(default_factory=lambda: rsa_key("authority-1"))
    constraints: x509.BasicConstraints | None = field(default_factory=lambda: x509.BasicConstraints(True, None))
    constraints_critical: bool = True
    usage: x509.KeyUsage | None = field(default_factory=lambda: key_usage("key_cert_sign", "crl_sign"))
    usage_critical: bool = True
    key_id: bytes | None = None
    without_key_id: bool = False
    signing_key: PrivateKey | None = None
    not_before: datetime = NOW - 3000 * DAY
    not_after: datetime = NOW + 3000 * DAY
    serial: int = 7


def authority(fault: Fault | None = None) -> bytes:
    fault = fault or Fault()
    builder = (
        x509.CertificateBuilder()
        .subject_name(fault.subject)
        .issuer_name(fault.subject)
        .public_key(fault.key.public_key())
        .serial_number(fault.serial)
        .not_valid_before(fault.not_before)
        .not_valid_after(fault.not_after)
    )
    if fault.constraints is not None:
        builder = builder.add_extension(fault.constraints, fault.constraints_critical)
    if fault.usage is not None:
        builder = builder.add_extension(fault.usage, fault.usage_critical)
    if not fault.without_key_id:
        digest = fault.key_id or x509.SubjectKeyIdentifier.from_public_key(fault.key.public_key()).digest
        builder = builder.add_extension(x509.SubjectKeyIdentifier(digest), False)
    signing_key = fault.signing_key or fault.key
    return builder.sign(signing_key, digest_of(signing_key)).public_bytes(Encoding.DER)


def digest_of(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | None:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey) else hashes.SHA384()


def anchor(
    fault: Fault | None = None, purpose: Purpose = "user-authentication", *, sandbox: bool = False
) -> TrustAnchor:
    return parse_trust_anchor(authority(fault), purpose, name="throwaway", sandbox=sandbox)


@cache
def trust() -> TrustAnchors:
    """Two generations for user authentication with one name, one for digital signatures."""
    second = Fault(key=rsa_key("authority-2"), serial=8)
    signing = Fault(subject=SIGNING_AUTHORITY_NAME, key=rsa_key("signing-authority"))
    return TrustAnchors([anchor(), anchor(second), anchor(signing, "digital-signature")])


@dataclass(frozen=True)
class Leaf:
    """A user authentication certificate of a card, unless told otherwise."""

    key: PrivateKey = field(default_factory=lambda: rsa_key("holder"))
    signing_key: PrivateKey = field(default_factory=lambda: rsa_key("authority-1"))
    signature_digest: hashes.HashAlgorithm | None = None
    signature_padding: padding.PSS | None = None
    issuer: x509.Name = AUTHORITY_NAME
    policies: x509.CertificatePolicies | None = field(
        default_factory=lambda: policies(CARD_USER_AUTHENTICATION.policy_oid)
    )
    policies_critical: bool = True
    usage: x509.KeyUsage | None = field(default_factory=lambda: key_usage("digital_signature"))
    usage_critical: bool = True
    extended: Sequence[str] | None = (CLIENT_AUTHENTICATION,)
    constraints: x509.BasicConstraints | None = None
    authority_key_id: bytes | None = None
    without_authority_key_id: bool = False
    not_before: datetime = NOW - 100 * DAY
    not_after: datetime = NOW + 100 * DAY
    serial: int = 0x1234ABCD
    more: Iterable[tuple[x509.ExtensionType, bool]] = ()

    def der(self) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ABCDEFGHIJKLMN13101003A")]))
            .issuer_name(self.issuer)
            .public_key(self.key.public_key())
            .serial_number(self.serial)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for value, critical in self._extensions():
            builder = builder.add_extension(value, critical)
        digest = self.signature_digest or digest_of(self.signing_key)
        signed = builder.sign(self.signing_key, digest, rsa_padding=self.signature_padding)
        return signed.public_bytes(Encoding.DER)

    def _extensions(self) -> list[tuple[x509.ExtensionType, bool]]:
        found: list[tuple[x509.ExtensionType, bool]] = list(self.more)
        if self.usage is not None:
            found.append((self.usage, self.usage_critical))
        if self.policies is not None:
            found.append((self.policies, self.policies_critical))
        if self.extended is not None:
            found.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in self.extended]), False))
        if self.constraints is not None:
            found.append((self.constraints, True))
        if not self.without_authority_key_id:
            public_key = self.signing_key.public_key()
            key_id = self.authority_key_id or x509.SubjectKeyIdentifier.from_public_key(public_key).digest
            found.append((x509.AuthorityKeyIdentifier(key_id, None, None), False))
        return found


def signing_leaf(**changes: object) -> Leaf:
    leaf = Leaf(
        signing_key=rsa_key("signing-authority"),
        issuer=SIGNING_AUTHORITY_NAME,
        policies=policies(CARD_DIGITAL_SIGNATURE.policy_oid),
        usage=key_usage("digital_signature", "content_commitment"),
        extended=None,
    )
    return replace(leaf, **changes)


def sign(key: PrivateKey, message: bytes = MESSAGE) -> tuple[str, bytes]:
    """What a card answers: the algorithm of its key, and the signature."""
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256", key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA384())))
        return "ES384", r.to_bytes(48, "big") + s.to_bytes(48, "big")
    return "EdDSA", key.sign(message)


class Good:
    """A status source that answers good without a status, as the sandbox's does."""

    def check_good(self, certificate: object, now: datetime) -> None:
        return None


def verify(
    certificate: bytes,
    *,
    key: PrivateKey | None = None,
    proof: tuple[str, bytes] | None = None,
    purpose: Purpose = "user-authentication",
    profiles: Sequence[CredentialProfile] = PRODUCTION_PROFILES,
    anchors: TrustAnchors | None = None,
    revocation: object = None,
    now: datetime = NOW,
    randomness: Callable[[int], bytes] | None = None,
) -> VerifiedCertificate:
    algorithm, signature = proof or sign(key or rsa_key("holder"))
    return verify_card(
        certificate,
        MESSAGE,
        algorithm,
        signature,
        purpose=purpose,
        profiles=profiles,
        trust=anchors or trust(),
        revocation=revocation or Good(),
        now=now,
        randomness=randomness or (lambda length: bytes(length)),
    )
