"""Lists with one fault each, signed by the throwaway authorities."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.jpki.certificates import AUTHORITY_NAME, NOW, PrivateKey, digest_of, rsa_key

HOUR = timedelta(hours=1)
ON_HOLD = [(x509.CRLReason(x509.ReasonFlags.certificate_hold), False)]


@dataclass(frozen=True)
class RevocationList:
    """A complete, current list of the first authority, unless told otherwise."""

    serials: Iterable[int] = (5, 0x1234ABCE, (1 << 159) - 1)
    key: PrivateKey = field(default_factory=lambda: rsa_key("authority-1"))
    issuer: x509.Name = AUTHORITY_NAME
    number: int | None = 10
    this_update: datetime = NOW - HOUR
    next_update: datetime | None = NOW + 24 * HOUR
    more: Iterable[tuple[x509.ExtensionType, bool]] = ()
    entry_extensions: Iterable[tuple[x509.ExtensionType, bool]] = ()
    digest: hashes.SHA512 | None = None

    def der(self) -> bytes:
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.issuer).last_update(self.this_update)
        builder = builder.next_update(self.next_update or self.this_update + HOUR)
        if self.number is not None:
            builder = builder.add_extension(x509.CRLNumber(self.number), False)
        for value, critical in self.more:
            builder = builder.add_extension(value, critical)
        for serial in self.serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - 2 * HOUR)
            for value, critical in self.entry_extensions:
                entry = entry.add_extension(value, critical)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, self.digest or digest_of(self.key)).public_bytes(Encoding.DER)
