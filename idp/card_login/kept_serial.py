"""Who would tell of a proven card's revocation: lists, or else its serial number is kept, sealed, to ask with."""

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
    """What the installation keeps serial numbers with; ``interval`` is how long a status is good enough.

    Where ``interval`` is None nobody is asked again, and none is kept.
    """

    coverage: StatusCoverage
    sealer: Sealer
    interval: timedelta | None

    def keep_serial(
        self, verified_der: bytes, certificate: VerifiedCertificate, lookup: LookupDigest, now: datetime
    ) -> SealedSerial | None:
        """What is kept of a certificate that was just verified; None where a list here tells of it.

        Takes: verified_der, that certificate; lookup, its digest under the newest look-up key.
        """
        issuer_key_id = certificate.issuer_key_id
        if self.interval is None or certificate.status is None or not self.coverage.is_askable(issuer_key_id):
            return None
        if self.coverage.is_listed(issuer_key_id, list_partitions(parse_certificate(verified_der))):
            return None
        sealed = seal_serial(self.sealer, lookup, issuer_key_id, certificate.serial)
        return SealedSerial(sealed, now + self.interval)

    def name_lists(self, verified_der: bytes, certificate: VerifiedCertificate) -> str:
        """Which lists here tell of a certificate that was just verified, as ``StatusCoverage`` names them."""
        return self.coverage.name_lists(certificate.issuer_key_id, list_partitions(parse_certificate(verified_der)))
