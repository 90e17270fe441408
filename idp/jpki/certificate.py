"""Bytes to a parsed certificate, within limits; nothing in it is believed yet (RFC 5280 §4.1)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from idp.jpki.errors import CardError, CardRejected, Rejection

# Real ones are below 2,000 bytes; the digital signature certificate adds a name and an address of 200 characters.
CERTIFICATE_LIMIT_BYTES: Final = 8192
SERIAL_LIMIT_BYTES: Final = 20

_READ_EXTENSIONS: Final = frozenset({"2.5.29.15", "2.5.29.19", "2.5.29.32", "2.5.29.37"})
_KEY_USAGE_BITS: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


@dataclass(frozen=True, slots=True)
class ParsedExtensions:
    """What the profile asks of the extensions; ``critical`` and ``unread_critical`` hold object identifiers."""

    critical: frozenset[str]
    unread_critical: tuple[str, ...]
    key_usage: frozenset[str] | None
    policies: tuple[str, ...]
    extended_key_usage: tuple[str, ...] | None
    is_authority: bool
    authority_key_id: bytes | None


@dataclass(frozen=True, slots=True)
class ParsedCertificate:
    """A well-formed X.509 v3 certificate of which nothing has been checked.

    Its repr shows nothing: serial and dates are personal data (the end of validity is the holder's birthday).
    """

    unverified: x509.Certificate = field(repr=False)
    public_key: CertificatePublicKeyTypes = field(repr=False)
    public_key_oid: str = field(repr=False)
    signature_oid: str = field(repr=False)
    serial: bytes = field(repr=False)
    not_before: datetime = field(repr=False)
    not_after: datetime = field(repr=False)
    extensions: ParsedExtensions = field(repr=False)


def parse_certificate(unverified_der: bytes) -> ParsedCertificate:
    """Establish that the bytes are one well-formed certificate.

    Takes:   DER, at most 8,192 bytes.
    Raises:  CardRejected: malformed, or unsupported_algorithm where the key is of a kind nobody here reads.
    Source:  RFC 5280 §4.1, §4.2.
    """
    if not unverified_der or len(unverified_der) > CERTIFICATE_LIMIT_BYTES:
        raise CardRejected(Rejection.MALFORMED, "certificate is empty or too long")
    try:
        return _parse(unverified_der)
    except CardError:
        raise
    except UnsupportedAlgorithm as fault:
        raise CardRejected(Rejection.UNSUPPORTED_ALGORITHM, "key of an unknown kind") from fault
    except Exception as fault:
        # The library promises no closed list of what hostile bytes make it raise; the property test relies on this.
        raise CardRejected(Rejection.MALFORMED, f"certificate: {type(fault).__name__}") from fault


def _parse(unverified_der: bytes) -> ParsedCertificate:
    unverified = x509.load_der_x509_certificate(unverified_der)
    if unverified.version is not x509.Version.v3:
        raise CardRejected(Rejection.MALFORMED, "certificate is not version 3")
    return ParsedCertificate(
        unverified=unverified,
        public_key=unverified.public_key(),
        public_key_oid=unverified.public_key_algorithm_oid.dotted_string,
        signature_oid=unverified.signature_algorithm_oid.dotted_string,
        serial=encode_serial(unverified.serial_number),
        not_before=unverified.not_valid_before_utc,
        not_after=unverified.not_valid_after_utc,
        extensions=_parse_extensions(unverified.extensions),
    )


def encode_serial(serial_number: int) -> bytes:
    """A serial number as its shortest big-endian bytes.

    Raises:  CardRejected: malformed, where it is not positive or longer than 20 bytes.
    Source:  RFC 5280 §4.1.2.2.
    """
    length = (serial_number.bit_length() + 7) // 8
    if serial_number <= 0 or length > SERIAL_LIMIT_BYTES:
        raise CardRejected(Rejection.MALFORMED, "serial number out of range")
    return serial_number.to_bytes(length, "big")


def _parse_extensions(extensions: x509.Extensions) -> ParsedExtensions:
    critical = frozenset(extension.oid.dotted_string for extension in extensions if extension.critical)
    values = {type(extension.value): extension.value for extension in extensions}
    key_usage = values.get(x509.KeyUsage)
    policies = values.get(x509.CertificatePolicies)
    extended = values.get(x509.ExtendedKeyUsage)
    constraints = values.get(x509.BasicConstraints)
    authority = values.get(x509.AuthorityKeyIdentifier)
    return ParsedExtensions(
        critical=critical,
        unread_critical=tuple(sorted(critical - _READ_EXTENSIONS)),
        key_usage=_key_usage_bits(key_usage) if isinstance(key_usage, x509.KeyUsage) else None,
        policies=tuple(policy.policy_identifier.dotted_string for policy in policies)
        if isinstance(policies, x509.CertificatePolicies)
        else (),
        extended_key_usage=tuple(purpose.dotted_string for purpose in extended)
        if isinstance(extended, x509.ExtendedKeyUsage)
        else None,
        is_authority=isinstance(constraints, x509.BasicConstraints) and constraints.ca,
        authority_key_id=authority.key_identifier if isinstance(authority, x509.AuthorityKeyIdentifier) else None,
    )


def _key_usage_bits(key_usage: x509.KeyUsage) -> frozenset[str]:
    return frozenset(bit for bit in _KEY_USAGE_BITS if getattr(key_usage, bit))
