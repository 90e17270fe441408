"""The certificate with which a client has proven, in TLS, that it holds a private key (RFC 8705).

Source: RFC 9440 §2 (``Client-Cert``); nginx writes the same certificate as escaped PEM, which is read too.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.identifiers import encode_base64url
from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.jwt_parts import NotAToken, decode_base64url

SUBJECT_MEMBERS: Final = (
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
)
_MAXIMUM_CHARACTERS: Final = 12_288
_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
_BYTE_SEQUENCE: Final = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_ESCAPED_PEM: Final = re.compile(
    r"-----BEGIN%20CERTIFICATE-----%0A([A-Za-z0-9%+/=]+)-----END%20CERTIFICATE-----(?:%0A)?"
)


_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


class CertificateRefused(Exception):
    """What the proxy handed over is not a certificate, or not the one that the client registered."""


@dataclass(frozen=True, slots=True)
class PresentedCertificate:
    """What a trusted proxy says of the TLS connection: the header as it came.

    ``anchors`` are the authorities that issue certificates for ``tls_client_auth``, each the direct issuer.
    """

    header: str
    anchors: tuple[x509.Certificate, ...] = ()


def certificate_thumbprint(presented: PresentedCertificate) -> str:
    """``x5t#S256``: SHA-256 of the certificate, 43 base64url characters (RFC 8705 §3.1).

    Raises: CertificateRefused.
    """
    return encode_base64url(_parse(presented.header).fingerprint(SHA256()))


def check_registered_subject(presented: PresentedCertificate, client: Client, now: datetime) -> None:
    """Establish that an authority of ours issued this certificate, for use as a client, to the registered subject.

    Raises:   CertificateRefused.
    Source:   RFC 8705 §2.1, §2.1.2; RFC 5280 §6.1 with one certificate and its issuer as the anchor.
    Stricter: the issuer itself is configured, so that no certificate on a path is believed to be an authority.
    """
    certificate = _parse(presented.header)
    if not any(_is_issued_by(certificate, anchor, now) for anchor in presented.anchors):
        raise CertificateRefused("not issued by a configured authority")
    _check_dates(certificate, now)
    try:
        is_usable = _is_for_clients(certificate)
        is_subject = _has_subject(certificate, client.options)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise CertificateRefused("extensions cannot be read") from error
    if not is_usable:
        raise CertificateRefused("not for client authentication")
    if not is_subject:
        raise CertificateRefused("another subject than the registered one")


def check_registered_certificate(presented: PresentedCertificate, client: Client, now: datetime) -> None:
    """Establish that this is a certificate that the client itself has registered with its keys.

    Raises: CertificateRefused.
    Source: RFC 8705 §2.2, §2.2.2: no path is validated, the certificate is compared.
    """
    certificate = _parse(presented.header)
    _check_dates(certificate, now)
    thumbprint = encode_base64url(certificate.fingerprint(SHA256()))
    if thumbprint not in {registered_thumbprint(jwk) for jwk in (client.jwks or {}).get("keys", ())}:
        raise CertificateRefused("not a registered certificate")


def registered_thumbprint(jwk: dict[str, object]) -> str | None:
    """The SHA-256 thumbprint of the certificate that a key is registered with; None for a key without one.

    Source: RFC 7517 §4.7 (x5c), §4.9 (x5t#S256).
    """
    chain, thumbprint = jwk.get("x5c"), jwk.get("x5t#S256")
    try:
        if isinstance(chain, list) and chain and isinstance(chain[0], str):
            certificate = _load(base64.b64decode(chain[0], validate=True))
            return encode_base64url(certificate.fingerprint(SHA256()))
        if isinstance(thumbprint, str) and len(decode_base64url(thumbprint)) == SHA256.digest_size:
            return thumbprint
    except (binascii.Error, ValueError, CertificateRefused, NotAToken):
        return None
    return None


def _parse(header: str) -> x509.Certificate:
    if len(header) > _MAXIMUM_CHARACTERS:
        raise CertificateRefused("too long")
    if (match := _BYTE_SEQUENCE.fullmatch(header)) is not None:
        encoded = match[1]
    elif (match := _ESCAPED_PEM.fullmatch(header)) is not None:
        encoded = unquote(match[1], errors="replace").replace("\n", "")
    else:
        raise CertificateRefused("neither a byte sequence nor an escaped PEM")
    try:
        return _load(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as error:
        raise CertificateRefused("not base64") from error


def _load(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Read once here, because the library decodes extensions only when they are asked for.
        _ = certificate.extensions, certificate.subject
    except Exception as error:
        # The library promises no closed list of what hostile bytes make it raise; the property test relies on this.
        raise CertificateRefused(f"not a certificate: {type(error).__name__}") from error
    if certificate.serial_number <= 0:
        # RFC 5280 §4.1.2.2. The library still reads such a certificate, with a warning that this will end.
        raise CertificateRefused("serial number is not positive")
    return certificate


def _is_issued_by(certificate: x509.Certificate, anchor: x509.Certificate, now: datetime) -> bool:
    if not anchor.not_valid_before_utc <= now <= anchor.not_valid_after_utc:
        return False
    try:
        hash_algorithm = certificate.signature_hash_algorithm
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    # None: the algorithm has its own, as Ed25519 does.
    return hash_algorithm is None or hash_algorithm.name in _HASHES


def _check_dates(certificate: x509.Certificate, now: datetime) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise CertificateRefused("not valid now")


def _is_for_clients(certificate: x509.Certificate) -> bool:
    constraints = _find_extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        return False
    usages = _find_extension(certificate, x509.ExtendedKeyUsage)
    return usages is None or ExtendedKeyUsageOID.CLIENT_AUTH in usages


def _has_subject(certificate: x509.Certificate, options: ClientOptions) -> bool:
    if options.tls_client_auth_subject_dn is not None:
        return certificate.subject == x509.Name.from_rfc4514_string(options.tls_client_auth_subject_dn)
    names = _find_extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return False
    if options.tls_client_auth_san_dns is not None:
        wanted = options.tls_client_auth_san_dns.lower()
        return wanted in {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    if options.tls_client_auth_san_uri is not None:
        return options.tls_client_auth_san_uri in names.get_values_for_type(x509.UniformResourceIdentifier)
    if options.tls_client_auth_san_ip is not None:
        return ip_address(options.tls_client_auth_san_ip) in names.get_values_for_type(x509.IPAddress)
    if options.tls_client_auth_san_email is not None:
        return options.tls_client_auth_san_email in names.get_values_for_type(x509.RFC822Name)
    return False


def _find_extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
