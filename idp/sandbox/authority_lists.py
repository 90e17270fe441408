"""What a test authority signs beside its complete list: one list for each municipality, and deltas (RFC 5280 §5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.clock import to_epoch_seconds
from idp.jpki.crl_partition import partition_id
from idp.sandbox.authority import Authority, Revocation, digest_for, write_file

_SUFFIX: Final = ".crl"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as it was published; ``distribution_point`` is None where it is of the whole authority."""

    authority: str
    distribution_point: x509.Name | None
    der: bytes


def publish_partitions(authority: Authority, now: datetime, validity_seconds: int) -> tuple[PublishedList, ...]:
    """Sign one list for every municipality in which this authority has issued anything.

    Effect: a file for each, named for authority and partition.
    Source: RFC 5280 §5.2.5: the issuing distribution point is critical.
    """
    published = []
    for point in authority.distribution_points():
        revoked = [found for found in authority.revoked() if found.distribution_point == point]
        path = authority.directory / f"{authority.name}.{partition_id(point).hex()[:16]}{_SUFFIX}"
        number = max(to_epoch_seconds(now), authority.crl_number(path) + 1)
        der = _sign(authority, now, validity_seconds, number, revoked, [(_issuing_point(point), True)])
        write_file(path, der, mode=0o644)
        published.append(PublishedList(authority.name, point, der))
    return tuple(published)


def publish_delta(authority: Authority, now: datetime, validity_seconds: int) -> PublishedList:
    """Sign what was revoked since the complete list that is published.

    Raises: FileNotFoundError: no complete list is.
    Effect: the authority's ``.delta.crl`` file.
    Source: RFC 5280 §5.2.4: one sequence of numbers for complete lists and deltas.
    """
    base = x509.load_der_x509_crl((authority.directory / f"{authority.name}{_SUFFIX}").read_bytes())
    base_number = base.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    path = authority.directory / f"{authority.name}.delta{_SUFFIX}"
    number = max(to_epoch_seconds(now), base_number + 1, authority.crl_number(path) + 1)
    listed = {entry.serial_number for entry in base}
    revoked = [found for found in authority.revoked() if found.serial_number not in listed]
    der = _sign(authority, now, validity_seconds, number, revoked, [(x509.DeltaCRLIndicator(base_number), True)])
    write_file(path, der, mode=0o644)
    return PublishedList(authority.name, None, der)


def _sign(
    authority: Authority,
    now: datetime,
    validity_seconds: int,
    number: int,
    revoked: Iterable[Revocation],
    more: Iterable[tuple[x509.ExtensionType, bool]],
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(seconds=validity_seconds))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(authority.key_identifier(), critical=False)
    )
    for value, critical in more:
        builder = builder.add_extension(value, critical)
    for found in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(found.serial_number).revocation_date(found.revoked_at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.private_key, digest_for(authority.private_key)).public_bytes(Encoding.DER)


def _issuing_point(point: x509.Name) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.DirectoryName(point)],
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
