"""One generation of a test authority: its key, its certificate, what it issued and what it revoked."""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identifiers import Randomness
from idp.jpki.profile import Purpose
from idp.sandbox.marks import Marks
from idp.sandbox.profile import build_authority

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_SERIAL_BYTES: Final = 4
_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revoked certificate; ``distribution_point`` is None where its record does not say."""

    serial_number: int
    revoked_at: datetime
    distribution_point: x509.Name | None


@dataclass(frozen=True, slots=True)
class Authority:
    """A generation of an authority, named ``<purpose>-<generation>``; its files lie in ``directory``."""

    name: str
    purpose: Purpose
    directory: Path
    private_key: PrivateKey
    certificate: x509.Certificate

    def sign_certificate(self, builder: x509.CertificateBuilder, randomness: Randomness) -> x509.Certificate:
        """Sign a certificate under a serial number of four bytes that this authority has not used.

        Effect: the serial number is recorded before the certificate exists.
        """
        issued = self.directory / f"{self.name}.issued"
        used = self.issued()
        serial = _new_serial(randomness)
        while serial in used:
            serial = _new_serial(randomness)
        _append_line(issued, f"{serial:08x}")
        return builder.serial_number(serial).sign(self.private_key, digest_for(self.private_key))

    def issued(self) -> frozenset[int]:
        """The serial numbers that were used."""
        return frozenset(int(line, 16) for line in _read_lines(self.directory / f"{self.name}.issued"))

    def distribution_points(self) -> tuple[x509.Name, ...]:
        """The distribution points that certificates of this authority name, in the order of their first use."""
        lines = _read_lines(self.directory / f"{self.name}.points")
        return tuple(dict.fromkeys(x509.Name.from_rfc4514_string(line) for line in lines))

    def record_distribution_point(self, certificate: x509.Certificate) -> None:
        """Remember the distribution point of a certificate, so that it can get a list of its own."""
        point = find_distribution_point(certificate)
        if point is not None and point not in self.distribution_points():
            _append_line(self.directory / f"{self.name}.points", point.rfc4514_string())

    def revoke(self, serial: bytes, revoked_at: datetime, distribution_point: x509.Name | None = None) -> None:
        """Record a revocation; the next list names it, and so does the next one of its distribution point."""
        point = "" if distribution_point is None else f" {distribution_point.rfc4514_string()}"
        _append_line(self.directory / f"{self.name}.revoked", f"{serial.hex()} {to_epoch_seconds(revoked_at)}{point}")

    def revoked(self) -> tuple[Revocation, ...]:
        """What was revoked, each serial number once."""
        lines = [line.split(" ", 2) for line in _read_lines(self.directory / f"{self.name}.revoked")]
        found = [
            Revocation(
                int(line[0], 16),
                from_epoch_seconds(int(line[1])),
                x509.Name.from_rfc4514_string(line[2]) if len(line) == 3 else None,
            )
            for line in lines
        ]
        return tuple({revocation.serial_number: revocation for revocation in found}.values())

    def publish_crl(self, now: datetime, validity_seconds: int) -> bytes:
        """Sign the complete list of what was revoked.

        Returns: DER; its CRLNumber is higher than that of any list before.
        Effect:  replaces the authority's ``.crl`` file.
        """
        path = self.directory / f"{self.name}.crl"
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + timedelta(seconds=validity_seconds))
            .add_extension(x509.CRLNumber(max(to_epoch_seconds(now), self.crl_number(path) + 1)), critical=False)
            .add_extension(self.key_identifier(), critical=False)
        )
        for found in self.revoked():
            entry = (
                x509.RevokedCertificateBuilder().serial_number(found.serial_number).revocation_date(found.revoked_at)
            )
            builder = builder.add_revoked_certificate(entry.build())
        crl = builder.sign(self.private_key, digest_for(self.private_key)).public_bytes(Encoding.DER)
        write_file(path, crl, mode=0o644)
        return crl

    def key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """How lists and certificates of this authority name its key."""
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)

    def crl_number(self, path: Path) -> int:
        """The number of a published list, 0 where there is none."""
        if not path.exists():
            return 0
        crl = x509.load_der_x509_crl(path.read_bytes())
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def find_distribution_point(certificate: x509.Certificate) -> x509.Name | None:
    """The directory name of a certificate's first distribution point, if it has one."""
    points = [e.value for e in certificate.extensions if isinstance(e.value, x509.CRLDistributionPoints)]
    names = [name.value for value in points for point in value for name in point.full_name or ()]
    return next((name for name in names if isinstance(name, x509.Name)), None)


def create_authority(
    directory: Path,
    marks: Marks,
    purpose: Purpose,
    generation: int,
    validity: tuple[datetime, datetime],
    randomness: Randomness,
    *,
    elliptic: bool = False,
) -> Authority:
    """Make a generation: a fresh key and a certificate that it signs itself.

    Takes:  elliptic, P-384 as the next card, else RSA-2048 as today's.
    Effect: key file (readable by the owner only) and certificate file in the directory.
    """
    private_key = new_private_key(elliptic=elliptic)
    builder = build_authority(marks, purpose, private_key.public_key(), _new_serial(randomness), validity)
    certificate = builder.sign(private_key, digest_for(private_key))
    name = f"{purpose}-{generation}"
    for record in ("issued", "revoked", "points", "crl", "delta.crl"):
        # What a killed attempt left speaks of another key.
        (directory / f"{name}.{record}").unlink(missing_ok=True)
    write_file(directory / f"{name}.key", encode_private_key(private_key), mode=0o600)
    write_file(directory / f"{name}.pem", certificate.public_bytes(Encoding.PEM), mode=0o644)
    return Authority(name, purpose, directory, private_key, certificate)


def open_authority(directory: Path, purpose: Purpose, generation: int) -> Authority:
    """The generation that ``create_authority`` made."""
    name = f"{purpose}-{generation}"
    private_key = load_private_key(directory / f"{name}.key")
    certificate = x509.load_pem_x509_certificate((directory / f"{name}.pem").read_bytes())
    return Authority(name, purpose, directory, private_key, certificate)


def new_private_key(*, elliptic: bool = False) -> PrivateKey:
    """A fresh key of the kind a card holds."""
    if elliptic:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def encode_private_key(private_key: PrivateKey) -> bytes:
    """PKCS #8, PEM, not encrypted: a sandbox's key protects nothing but the sandbox."""
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_private_key(path: Path) -> PrivateKey:
    """The key of a file that this package wrote.

    Raises: ValueError: it is of another kind.
    """
    # The arithmetic check of an RSA key takes 40 ms a key, and the file is this package's own.
    private_key = load_pem_private_key(path.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path}: neither an RSA nor an EC key")
    return private_key


def digest_for(private_key: PrivateKey) -> hashes.SHA256 | hashes.SHA384:
    """SHA-256 with RSA as today's authorities, SHA-384 with P-384 as the next card."""
    return hashes.SHA256() if isinstance(private_key, rsa.RSAPrivateKey) else hashes.SHA384()


def write_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file whole: a reader never sees half of it, and a key is never readable by others."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        os.fchmod(file.fileno(), mode)
    Path(temporary).replace(path)


def _read_lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _append_line(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(line + "\n")


def _new_serial(randomness: Randomness) -> int:
    return int.from_bytes(randomness(_SERIAL_BYTES), "big") & 0x7FFFFFFF or 1
