"""The authorities' verbs, in a production that is set up with a throwaway authority of its own."""

import hashlib
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.clock import system_clock
from idp.sandbox.marks import unmarked
from idp.sandbox.pki import SandboxPki, create_sandbox_pki
from idp.settings.secret_file import create_key_file
from tests.unit.cli.conftest import CommandLine

SETTINGS = """
environment = "production"
issuer = "https://idp.example"

[operator]
name = "Example City"
contact = "mailto:desk@city.example"
privacy_notice = "https://city.example/privacy"
purpose_of_use = "Signing in"

[stores]
database = "sqlite:///{directory}/idp.sqlite3"

[keys]
key_encryption_key_file = "{directory}/key-encryption-key"

[[identity.lookup_key]]
id = "2026"
file = "{directory}/lookup-key"

[jpki]
user_authentication_anchors = "{directory}/anchors/authentication"
digital_signature_anchors = "{directory}/anchors/signature"
crl_index_directory = "{directory}/crl"
trust_manifest = "{directory}/manifest.toml"

[[jpki.crl]]
anchor = "{fingerprint}"
source = "{directory}/list.crl"
"""
ENTRY = """
[[anchor]]
name = "{name}"
purpose = "{purpose}"
sha256 = "{sha256}"
serial = "01"
not_before = 2018-01-01
not_after = 2038-01-01
source = "a test"
verified = {verified}
"""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("authority"), system_clock(), marks=unmarked())


def der_of(pki: SandboxPki, name: str) -> bytes:
    authority = next(authority for authority in pki.authorities if authority.name == name)
    return authority.certificate.public_bytes(Encoding.DER)


@pytest.fixture
def city(pki: SandboxPki, tmp_path: Path) -> CommandLine:
    """Production as an operator finds it after writing the settings."""
    for name in ("anchors/authentication", "anchors/signature"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("key-encryption-key", "lookup-key"):
        create_key_file(tmp_path / name, secrets.token_bytes)
    fingerprint = hashlib.sha256(der_of(pki, "user-authentication-2")).hexdigest()
    (tmp_path / "idp.toml").write_text(SETTINGS.format(directory=tmp_path, fingerprint=fingerprint), encoding="utf-8")
    entries = [
        ENTRY.format(
            name=name,
            purpose=name.rsplit("-", 1)[0],
            sha256=hashlib.sha256(der_of(pki, name)).hexdigest().upper(),
            verified=verified,
        )
        for name, verified in (("user-authentication-2", "true"), ("digital-signature-2", "false"))
    ]
    manifest = 'format = "mynumber-idp/trust-manifest/1"\n' + "".join(entries)
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    return CommandLine(tmp_path, system_clock())


def write_certificate(city: CommandLine, pki: SandboxPki, name: str) -> str:
    path = city.directory / f"{name}.cer"
    path.write_bytes(der_of(pki, name))
    return str(path)


def states(city: CommandLine) -> dict[str, str]:
    return {member["name"]: member["state"] for member in city.read("trust", "list")}


def test_a_listed_authority_is_imported_and_listed(city: CommandLine, pki: SandboxPki) -> None:
    assert states(city) == {"user-authentication-2": "missing", "digital-signature-2": "missing"}
    imported = city.read("trust", "import", write_certificate(city, pki, "user-authentication-2"))
    assert Path(imported["file"]).parent == city.directory / "anchors" / "authentication"
    assert states(city)["user-authentication-2"] == "imported"


def test_an_unverified_entry_needs_the_fingerprint_from_the_authoritys_own_page(
    city: CommandLine, pki: SandboxPki
) -> None:
    path = write_certificate(city, pki, "digital-signature-2")
    sha256 = hashlib.sha256(der_of(pki, "digital-signature-2")).hexdigest()
    assert city.run("trust", "import", path).exit_code == 1
    assert city.run("trust", "import", path, "--sha256", "00" * 32).exit_code == 1
    assert states(city)["digital-signature-2"] == "missing"
    assert city.run("trust", "import", path, "--sha256", sha256).exit_code == 0


def test_an_authority_that_is_not_listed_is_refused(city: CommandLine, pki: SandboxPki) -> None:
    assert city.run("trust", "import", write_certificate(city, pki, "user-authentication-1")).exit_code == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(city: CommandLine, content: bytes) -> None:
    path = city.directory / "broken.cer"
    path.write_bytes(content)
    assert city.run("trust", "import", str(path)).exit_code == 1


def test_a_sandbox_lists_its_own_authorities_and_imports_none(idp: CommandLine, tmp_path: Path) -> None:
    assert set(states(idp).values()) == {"sandbox"}
    path = tmp_path / "some.cer"
    path.write_bytes(b"certificate")
    assert idp.run("trust", "import", str(path)).exit_code == 1


def test_production_is_set_up_step_by_step(city: CommandLine, pki: SandboxPki) -> None:
    # The order of the manual; each step before its time is a refusal that names the next command.
    assert "no trust anchor has been imported" in city.run("doctor").stderr
    city.read("trust", "import", write_certificate(city, pki, "user-authentication-2"))
    sha256 = hashlib.sha256(der_of(pki, "digital-signature-2")).hexdigest()
    signature = write_certificate(city, pki, "digital-signature-2")
    city.read("trust", "import", signature, "--sha256", sha256)
    assert city.run("doctor").exit_code in (1, 3)
    city.read("db", "migrate")
    assert "run idp key rotate" in city.run("doctor").stdout
    city.read("key", "rotate")
    assert "run idp job revocation-refresh" in city.run("doctor").stdout
    anchor = next(anchor for anchor in pki.anchors().anchors if anchor.name == "user-authentication-2")
    (city.directory / "list.crl").write_bytes(pki.publish_crls(city.now)[anchor.issuer_key_id])
    # The signing authority's list is not configured, and says so.
    assert city.run("job", "revocation-refresh").exit_code == 3
    result = city.run("doctor")
    assert result.exit_code == 0, result.output
