"""Which list speaks of a certificate: JPKI has one for each municipality, as the certificate says (RFC 5280 §4.2.1.13).

A partition is known by the SHA-256 of its directory name. Names are compared value by value, letter by letter.
"""

import hashlib

from cryptography import x509

from idp.jpki.certificate import ParsedCertificate


def parse_distribution_point(text: str) -> x509.Name:
    """The directory name that an operator wrote, most specific part first.

    Takes:  "CN=Chiyoda-ku CRLDP,OU=Tokyo-to,…,C=JP".
    Raises: ValueError.
    Source: RFC 4514 §2, §3.
    """
    try:
        name = x509.Name.from_rfc4514_string(text)
    except ValueError as fault:
        raise ValueError("not a directory name such as CN=…,OU=…,C=JP") from fault
    if not name.rdns:
        raise ValueError("an empty name")
    return name


def partition_id(distribution_point: x509.Name) -> bytes:
    """The 32 bytes under which a partition's list is kept.

    Stricter: RFC 5280 §7.1 folds case and blanks; here a name that differs at all finds no list, and fails closed.
    """
    return hashlib.sha256(distribution_point.rfc4514_string().encode("utf-8")).digest()


def list_partitions(certificate: ParsedCertificate) -> tuple[bytes, ...]:
    """The partitions whose list speaks of the certificate, as its distribution points say.

    A point for some reasons only, or of another list issuer, cannot say that a certificate is good and is left out.

    Source: RFC 5280 §4.2.1.13, §6.3.3.
    """
    points = [e.value for e in certificate.unverified.extensions if isinstance(e.value, x509.CRLDistributionPoints)]
    return tuple(
        partition_id(name.value)
        for value in points
        for point in value
        if point.reasons is None and point.crl_issuer is None
        for name in point.full_name or ()
        if isinstance(name, x509.DirectoryName)
    )
