"""``idp trust``: the certification authorities that cards are believed from."""

from pathlib import Path
from typing import Any

import click

from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.jpki.profile import Purpose
from idp.jpki.trust_anchors import TrustAnchor
from idp.jpki.trust_manifest import ManifestEntry, TrustManifest, fingerprint, import_anchor, load_manifest
from idp.jpki.trust_store import list_anchors, write_anchor
from idp.resources import find_resource_directory
from idp.settings.settings import Settings

_COLUMNS = ("name", "purpose", "state", "not_after", "sha256")


@click.group("trust")
def trust() -> None:
    """The certification authorities that cards are believed from."""


@trust.command("list")
@json_option
@click.pass_obj
def list_trust(session: Session) -> None:
    """The authorities that may be trusted here, and which of them are."""
    settings = session.settings
    if settings.is_sandbox:
        members = [_describe_anchor(anchor) for anchor in session.unchecked_parts.trust.anchors]
    else:
        members = _describe_manifest(settings)
    rows = [[str(member[column]) for column in _COLUMNS] for member in members]
    session.show(members, lay_out_table([column.upper() for column in _COLUMNS], rows))


@trust.command("import")
@click.argument("certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--sha256",
    "compared_sha256",
    help="The fingerprint that you read on the authority's own page; needed where the manifest's entry is unverified.",
)
@json_option
@click.pass_obj
def import_trust(session: Session, certificate: Path, compared_sha256: str | None) -> None:
    """Trust an authority from now on: CERTIFICATE is its own, PEM or DER, and the manifest lists its fingerprint."""
    settings = session.settings
    if settings.is_sandbox:
        raise Refused("a sandbox trusts its own authorities and no others")
    entry, parsed = import_anchor(
        certificate.read_bytes(), find_trust_manifest(settings), compared_sha256=compared_sha256
    )
    path = write_anchor(_find_directory(settings, entry.purpose), entry, parsed)
    text = f"{entry.name} ({entry.purpose}) is trusted from the next start on: {path}"
    session.show({"name": entry.name, "purpose": entry.purpose, "sha256": entry.sha256, "file": str(path)}, text)


def find_trust_manifest(settings: Settings) -> TrustManifest:
    """The operator's manifest, or the one that came with the program. Raises: ManifestRefused."""
    shipped = find_resource_directory("trust") / "jpki" / "production" / "manifest.toml"
    return load_manifest(settings.jpki.trust_manifest or shipped)


def _find_directory(settings: Settings, purpose: Purpose) -> Path:
    jpki = settings.jpki
    directory = jpki.user_authentication_anchors if purpose == "user-authentication" else jpki.digital_signature_anchors
    if directory is None:
        raise Refused(f"jpki.{purpose.replace('-', '_')}_anchors is not set")
    return directory


def _describe_manifest(settings: Settings) -> list[dict[str, Any]]:
    manifest = find_trust_manifest(settings)
    purposes: tuple[Purpose, ...] = ("user-authentication", "digital-signature")
    return [
        _describe_entry(listed.entry, listed.state)
        for purpose in purposes
        for listed in list_anchors(manifest, _find_directory(settings, purpose))
        if listed.entry.purpose == purpose
    ]


def _describe_entry(entry: ManifestEntry, state: str) -> dict[str, Any]:
    return {
        "name": entry.name,
        "purpose": entry.purpose,
        "state": state,
        "not_after": entry.not_after.isoformat(),
        "sha256": entry.sha256,
        "verified": entry.verified,
        "source": entry.source,
    }


def _describe_anchor(anchor: TrustAnchor) -> dict[str, Any]:
    return {
        "name": anchor.name,
        "purpose": anchor.purpose,
        "state": "sandbox",
        "not_after": anchor.not_after.date().isoformat(),
        "sha256": fingerprint(anchor.certificate),
    }
