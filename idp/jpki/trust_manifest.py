"""Which authorities may become trust anchors: fingerprints with provenance, as a TOML file.

The product ships fingerprints, not certificates; an operator imports a certificate, and only a listed one gets in.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.profile import Purpose
from idp.jpki.trust_anchors import AnchorRefused, load_certificate

_FORMAT: Final = "mynumber-idp/trust-manifest/1"
_MANIFEST_LIMIT_BYTES: Final = 256 * 1024
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SHA256: Final = re.compile(r"[0-9A-F]{64}")
_TEXTS: Final = ("serial", "source")
_MEMBERS: Final = frozenset({"name", "purpose", "sha256", "verified", "not_before", "not_after", *_TEXTS})


class ManifestRefused(ValueError):
    """A manifest is not one; the message names file and member, for the operator."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One authority that may be imported.

    ``sha256`` is the fingerprint of the DER certificate, 64 upper-case hexadecimal characters; ``verified`` says
    whether the entry was compared with the authority's own publication; ``source`` says where it comes from.
    """

    name: str
    purpose: Purpose
    sha256: str
    serial: str
    not_before: date
    not_after: date
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class TrustManifest:
    """The list of one file; names and fingerprints are unique in it."""

    entries: tuple[ManifestEntry, ...]

    def find_by_fingerprint(self, sha256: str) -> ManifestEntry | None:
        """The entry of a fingerprint, if it is listed."""
        return next((entry for entry in self.entries if entry.sha256 == sha256), None)


def load_manifest(path: Path) -> TrustManifest:
    """Establish that a file is a manifest.

    Raises: ManifestRefused: unreadable, unknown or missing members, doubled names or fingerprints.
    """
    try:
        data = path.read_bytes()
        if len(data) > _MANIFEST_LIMIT_BYTES:
            raise ManifestRefused(f"{path}: too long")
        document = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ManifestRefused(f"{path}: {fault}") from fault
    if document.get("format") != _FORMAT or set(document) - {"format", "anchor"}:
        raise ManifestRefused(f"{path}: not of the format {_FORMAT}")
    tables = document.get("anchor", [])
    if not isinstance(tables, list):
        raise ManifestRefused(f"{path}: anchor is not a list of tables")
    entries = tuple(_parse_entry(table, f"{path}: anchor {number}") for number, table in enumerate(tables, start=1))
    for unique in ({entry.name for entry in entries}, {entry.sha256 for entry in entries}):
        if len(unique) != len(entries):
            raise ManifestRefused(f"{path}: a name or fingerprint stands there twice")
    return TrustManifest(entries)


def import_anchor(
    unverified_certificate: bytes, manifest: TrustManifest, *, compared_sha256: str | None = None
) -> tuple[ManifestEntry, x509.Certificate]:
    """Establish that a certificate is one of the manifest.

    Takes:   PEM or DER; compared_sha256, the fingerprint the operator typed from the authority's own publication,
             needed for entries that nobody has verified (colons, spaces and case do not matter).
    Raises:  AnchorRefused: not a certificate, not listed, or listed unverified and not compared.
    """
    certificate = load_certificate(unverified_certificate)
    sha256 = fingerprint(certificate)
    entry = manifest.find_by_fingerprint(sha256)
    if entry is None:
        raise AnchorRefused(f"fingerprint {sha256} is not in the manifest")
    if compared_sha256 is not None and _normalize(compared_sha256) != sha256:
        raise AnchorRefused(f"the certificate's fingerprint is {sha256}, not the one given")
    if not entry.verified and compared_sha256 is None:
        raise AnchorRefused(
            f"{entry.name} is listed from third parties only: compare {sha256} with the authority's own page"
            " and give the fingerprint printed there"
        )
    return entry, certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER certificate, 64 upper-case hexadecimal characters."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()


def _normalize(sha256: str) -> str:
    return re.sub(r"[\s:]", "", sha256).upper()


def _parse_entry(table: object, where: str) -> ManifestEntry:
    if not isinstance(table, Mapping) or set(table) != _MEMBERS:
        raise ManifestRefused(f"{where}: members must be exactly {', '.join(sorted(_MEMBERS))}")
    purpose = table["purpose"]
    if purpose not in ("user-authentication", "digital-signature"):
        raise ManifestRefused(f"{where}: purpose is neither user-authentication nor digital-signature")
    dates = (table["not_before"], table["not_after"])
    texts = [table["name"], table["sha256"], *(table[member] for member in _TEXTS)]
    if not all(type(value) is date for value in dates) or not all(isinstance(value, str) for value in texts):
        raise ManifestRefused(f"{where}: not_before and not_after are dates, the rest is text")
    if not isinstance(table["verified"], bool):
        raise ManifestRefused(f"{where}: verified is true or false")
    sha256 = _normalize(table["sha256"])
    if not _SHA256.fullmatch(sha256) or not _NAME.fullmatch(table["name"]):
        raise ManifestRefused(f"{where}: name or sha256 is not of its form")
    return ManifestEntry(
        name=table["name"],
        purpose=purpose,
        sha256=sha256,
        serial=table["serial"],
        not_before=table["not_before"],
        not_after=table["not_after"],
        source=table["source"],
        verified=table["verified"],
    )
