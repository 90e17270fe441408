"""The directory of imported anchors: one PEM file for each entry of the manifest, and nothing else is read from it."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.trust_anchors import AnchorRefused, TrustAnchor, TrustAnchors, load_certificate, parse_trust_anchor
from idp.jpki.trust_manifest import ManifestEntry, TrustManifest, fingerprint

ImportState = Literal["imported", "missing"]


@dataclass(frozen=True, slots=True)
class ListedAnchor:
    """An entry of the manifest and whether its certificate is there."""

    entry: ManifestEntry
    state: ImportState


def list_anchors(manifest: TrustManifest, directory: Path) -> tuple[ListedAnchor, ...]:
    """Every entry of the manifest, with whether it was imported into the directory."""
    return tuple(
        ListedAnchor(entry, "imported" if _pem_path(directory, entry).exists() else "missing")
        for entry in manifest.entries
    )


def write_anchor(directory: Path, entry: ManifestEntry, certificate: x509.Certificate) -> Path:
    """Put an imported certificate into the directory as ``<name>.pem``.

    Raises: AnchorRefused: the certificate is not the entry's, or cannot serve as an anchor.
    Effect: atomic; importing again replaces the file by its equal.
    """
    _check_entry(entry, certificate)
    directory.mkdir(parents=True, exist_ok=True)
    path = _pem_path(directory, entry)
    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(certificate.public_bytes(Encoding.PEM))
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def load_trust_anchors(manifest: TrustManifest, directory: Path) -> TrustAnchors:
    """The anchors of a production installation: what was imported, each compared with the manifest again.

    Raises: AnchorRefused: a file is not what the manifest says, or none of the entries is there.
    """
    anchors = []
    for listed in list_anchors(manifest, directory):
        if listed.state == "imported":
            path = _pem_path(directory, listed.entry)
            try:
                anchors.append(_check_entry(listed.entry, load_certificate(path.read_bytes())))
            except (AnchorRefused, OSError) as fault:
                raise AnchorRefused(f"{path}: {fault}") from fault
    if not anchors:
        raise AnchorRefused(f"{directory}: no trust anchor has been imported")
    return TrustAnchors(anchors)


def _check_entry(entry: ManifestEntry, certificate: x509.Certificate) -> TrustAnchor:
    if fingerprint(certificate) != entry.sha256:
        raise AnchorRefused(f"not the certificate that the manifest calls {entry.name}")
    return parse_trust_anchor(certificate.public_bytes(Encoding.DER), entry.purpose, name=entry.name)


def _pem_path(directory: Path, entry: ManifestEntry) -> Path:
    return directory / f"{entry.name}.pem"
