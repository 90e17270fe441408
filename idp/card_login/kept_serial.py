"""Which proven card's serial number is kept, sealed: one of whose revocation no list would tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.identity.credential import LookupDigest, SealedSerial
from idp.identity.sealed_serial import seal_serial
from idp.jpki.certificate import parse_certificate
from idp.jpki.crl_partition import list_partitions
from idp.jpki.status_coverage import StatusCoverage
from idp.jpki.verify import VerifiedCertificate
from idp.keys.sealing import Sealer


@dataclass(frozen=True, slots=True)
class SerialKeeping:
    """What the installation keeps serial numbers with; ``interval`` is how long a status is good enough."""

    coverage: StatusCoverage
    sealer: Sealer
    interval: timedelta

    def keep_serial(
        self, verified_der: bytes, certificate: VerifiedCertificate, lookup: LookupDigest, now: datetime
    ) -> SealedSerial | None:
        """What is kept of a certificate that was just verified; None where a list here tells of it.

        Takes: verified_der, that certificate; lookup, its digest under the newest look-up key.
        """
        issuer_key_id = certificate.issuer_key_id
        if certificate.status is None or not self.coverage.is_askable(issuer_key_id):
            return None
        if self.coverage.is_listed(issuer_key_id, list_partitions(parse_certificate(verified_der))):
            return None
        sealed = seal_serial(self.sealer, lookup, issuer_key_id, certificate.serial)
        return SealedSerial(sealed, now + self.interval)
