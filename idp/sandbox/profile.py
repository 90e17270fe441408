"""Certificates in the shape of JPKI's: names, extensions and their criticality (J-LIS profile v3.2)."""

from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from idp.jpki.profile import Purpose
from idp.sandbox.holder import Holder, encode_birthdate
from idp.sandbox.marks import Marks

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_ATTRIBUTE_ARC: Final = "1.2.392.200149.8.5.5"
# Names below .invalid never resolve (RFC 6761 §6.4): whoever follows an address out of a certificate gets nowhere.
_CPS_URI: Final = "http://sandbox.invalid/cps.html"
_OCSP_URI: Final = "http://ocsp.sandbox.invalid"
_UTF8_STRING_TAG: Final = b"\x0c"


def authority_name(marks: Marks, purpose: Purpose) -> x509.Name:
    """C, O and two OU, no CN; the same for every generation of an authority."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, marks.organization),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, marks.unit(purpose)),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, marks.authority),
        ]
    )


def build_authority(
    marks: Marks, purpose: Purpose, public_key: PublicKey, serial: int, validity: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    """A self-signed authority's certificate, still to be signed."""
    name = authority_name(marks, purpose)
    return (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=public_key, serial_number=serial)
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(key_cert_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DirectoryName(_service_name(marks))]), critical=False)
        .add_extension(_distribution_point(name), critical=False)
    )


def build_leaf(
    marks: Marks, issuer: x509.Certificate, purpose: Purpose, policy_oid: str, holder: Holder, common_name: str
) -> x509.CertificateBuilder:
    """A holder's certificate; key, serial number, validity and signature are still to come."""
    signing = purpose == "digital-signature"
    builder = (
        x509.CertificateBuilder(issuer_name=issuer.subject, subject_name=_subject(common_name))
        .add_extension(_key_usage(content_commitment=signing), critical=True)
        .add_extension(_policies(policy_oid), critical=True)
        .add_extension(x509.IssuerAlternativeName([x509.DirectoryName(_service_name(marks))]), critical=False)
        .add_extension(_distribution_point(_distribution_point_name(marks, purpose, holder)), critical=False)
        .add_extension(_ocsp(), critical=False)
        .add_extension(_authority_key_identifier(issuer), critical=False)
    )
    if signing:
        return builder.add_extension(_basic_four(holder.with_full_maps()), critical=False)
    return builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)


def _key_usage(*, content_commitment: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not key_cert_sign,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _policies(policy_oid: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(policy_oid), [_CPS_URI])])


def _ocsp() -> x509.AuthorityInformationAccess:
    uri = x509.UniformResourceIdentifier(_OCSP_URI)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri)])


def _authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return x509.AuthorityKeyIdentifier(key_id, [x509.DirectoryName(issuer.issuer)], issuer.serial_number)


def _distribution_point(name: x509.Name) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints([x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)])


def _distribution_point_name(marks: Marks, purpose: Purpose, holder: Holder) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, marks.organization),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, marks.unit(purpose)),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, holder.prefecture),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{holder.city} CRLDP"),
        ]
    )


def _service_name(marks: Marks) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, marks.service),
        ]
    )


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _basic_four(holder: Holder) -> x509.SubjectAlternativeName:
    values = (
        holder.name,
        holder.name_map,
        holder.gender,
        encode_birthdate(holder.birthdate),
        holder.address,
        holder.address_map,
    )
    return x509.SubjectAlternativeName(
        x509.OtherName(x509.ObjectIdentifier(f"{_ATTRIBUTE_ARC}.{number}"), _encode_utf8_string(value))
        for number, value in enumerate(values, start=1)
    )


def _encode_utf8_string(text: str) -> bytes:
    content = text.encode("utf-8")
    length = len(content)
    if length < 0x80:
        return _UTF8_STRING_TAG + bytes([length]) + content
    length_bytes = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return _UTF8_STRING_TAG + bytes([0x80 | len(length_bytes)]) + length_bytes + content
