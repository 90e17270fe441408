"""A production installation made only for one test run: a throwaway authority, imported as any operator imports one."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.trust_anchors import TrustAnchor
from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.personalise import personalise
from idp.sandbox.cast import ORDINARY, CastMember
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.marks import unmarked
from idp.sandbox.pki import SandboxPki, create_sandbox_pki
from tests.support.running_provider import LIMITS, RunningProvider, free_port

_COMMAND = (sys.executable, "-X", "importtime", "-c", "from idp.cli.main import main; main()")


@dataclass(frozen=True)
class Authority:
    """The throwaway authority with one person's card."""

    pki: SandboxPki
    cast_card: CastCard

    def issue(self, member: CastMember) -> Authority:
        """The same authority with another person's card."""
        now = datetime.now(UTC)
        signing = self.pki.issue_digital_signature(member.holder, now)
        return Authority(self.pki, CastCard(member, self.pki.issue_user_authentication(member.holder, now), signing))

    def new_card(self) -> JpkiCard:
        """The person's card, as they hold it to a reader."""
        return personalise(self.cast_card, self.pki)

    @property
    def anchors(self) -> list[TrustAnchor]:
        """The generation that issued the card's certificates, for both purposes."""
        used = {self.cast_card.user_authentication.authority, "digital-signature-2"}
        both = zip(self.pki.authorities, self.pki.anchors().anchors, strict=True)
        return [anchor for authority, anchor in both if authority.name in used]

    def crl_entries(self) -> list[dict[str, str]]:
        """The tables of settings that say where each authority's list is."""
        return [
            {
                "anchor": anchor.certificate.fingerprint(SHA256()).hex(),
                "source": str(self.pki.crl_path(anchor.issuer_key_id)),
            }
            for anchor in self.anchors
        ]


def make_authority(directory: Path) -> Authority:
    """A PKI without the sandbox's marks, its lists, and one ordinary person's certificates."""
    now = datetime.now(UTC)
    pki = create_sandbox_pki(directory, now, marks=unmarked())
    card = CastCard(
        ORDINARY, pki.issue_user_authentication(ORDINARY.holder, now), pki.issue_digital_signature(ORDINARY.holder, now)
    )
    pki.publish_crls(now)
    return Authority(pki, card)


def write_manifest(file: Path, authority: Authority) -> list[Path]:
    """The operator's own manifest of the authority's generations; the certificates to import."""
    text = 'format = "mynumber-idp/trust-manifest/1"\n'
    certificates = []
    for number, anchor in enumerate(authority.anchors):
        certificate = anchor.certificate
        path = file.parent / f"{number}.pem"
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        certificates.append(path)
        members = {
            "name": f"throwaway{number}", "purpose": anchor.purpose,
            "sha256": certificate.fingerprint(SHA256()).hex().upper(), "serial": f"{certificate.serial_number:x}",
            "source": "made by this test run",
        }  # fmt: skip
        text += "\n[[anchor]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in members.items())
        dates: dict[str, date] = {
            "not_before": certificate.not_valid_before_utc.date(), "not_after": certificate.not_valid_after_utc.date()
        }  # fmt: skip
        text += "".join(f"{name} = {value.isoformat()}\n" for name, value in dates.items()) + "verified = true\n"
    file.write_text(text, encoding="utf-8")
    return certificates


def write_secret_file(path: Path) -> str:
    """A key file as conf/README.md tells to make one."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
    return str(path)


@contextmanager
def production_installation(
    directory: Path, authority: Authority, issuer: str, **sections: Any
) -> Iterator[RunningProvider]:
    """An installation made by the command line alone: anchors imported, database migrated, lists fetched; not started.

    Its programs write to the log what they import.
    """
    directory.mkdir(parents=True)
    for name in ("auth", "sign", "crl"):
        (directory / name).mkdir()
    manifest = directory / "manifest.toml"
    certificates = write_manifest(manifest, authority)
    port = free_port()
    settings: dict[str, Any] = {
        "operator": {
            "name": "Example City",
            "contact": "id-support@city.example",
            "privacy_notice": "https://www.city.example/privacy",
            "purpose_of_use": "To let residents sign in",
        },
        "web": {"bind": f"127.0.0.1:{port}", "metrics_bind": "", "trusted_proxies": ["127.0.0.1/32"]},
        "jpki": {
            "user_authentication_anchors": str(directory / "auth"),
            "digital_signature_anchors": str(directory / "sign"),
            "trust_manifest": str(manifest),
            "crl_index_directory": str(directory / "crl"),
            "crl": authority.crl_entries(),
        },
        "identity": {"lookup_key": [{"id": "2026", "file": write_secret_file(directory / "lookup-key")}]},
        "keys": {"key_encryption_key_file": write_secret_file(directory / "key-encryption-key")},
        "stores": {"database": f"sqlite:///{directory}/idp.sqlite3"},
        "limits": LIMITS,
        **sections,
    }
    provider = RunningProvider(
        directory, settings, port=port, issuer=issuer, environment="production", command=_COMMAND
    )
    try:
        for certificate in certificates:
            provider.idp("trust", "import", str(certificate))
        provider.idp("db", "migrate")
        provider.idp("job", "revocation-refresh")
        yield provider
    finally:
        provider.kill()
