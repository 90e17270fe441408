"""Only a listed fingerprint gets in, and an unverified one only when it was compared."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.jpki.trust_anchors import AnchorRefused
from idp.jpki.trust_manifest import ManifestRefused, fingerprint, import_anchor, load_manifest
from tests.unit.jpki.certificates import Fault, authority, rsa_key

SHIPPED = Path(__file__).parents[3] / "conf" / "trust" / "jpki" / "production" / "manifest.toml"
HEAD = 'format = "mynumber-idp/trust-manifest/1"\n'
SHA256 = fingerprint(x509.load_der_x509_certificate(authority()))


def entry(**changes: str) -> str:
    members = {
        "name": '"authority-1"',
        "purpose": '"user-authentication"',
        "sha256": f'"{SHA256}"',
        "serial": '"07"',
        "not_before": "2018-01-01",
        "not_after": "2034-01-01",
        "source": '"made here"',
        "verified": "true",
    }
    members = {**members, **changes}
    return "[[anchor]]\n" + "".join(f"{member} = {value}\n" for member, value in members.items() if value)


def written(directory: Path, text: str) -> Path:
    path = directory / "manifest.toml"
    path.write_text(text, "utf-8")
    return path


def manifest(directory: Path, **changes: str):
    return load_manifest(written(directory, HEAD + entry(**changes)))


def test_the_shipped_manifest_lists_three_generations_for_each_purpose():
    entries = load_manifest(SHIPPED).entries
    assert [(found.name, found.purpose, found.verified) for found in entries] == [
        ("authca01", "user-authentication", False),
        ("authca02", "user-authentication", False),
        ("authca03", "user-authentication", False),
        ("signca01", "digital-signature", False),
        ("signca02", "digital-signature", True),
        ("signca03", "digital-signature", True),
    ]
    assert all(found.source.strip() for found in entries)


@pytest.mark.parametrize("form", [Encoding.DER, Encoding.PEM])
def test_a_listed_certificate_is_imported(tmp_path, form: Encoding):
    certificate = x509.load_der_x509_certificate(authority()).public_bytes(form)
    found, imported = import_anchor(certificate, manifest(tmp_path))
    assert found.name == "authority-1"
    assert imported.public_bytes(Encoding.DER) == authority()


def test_a_certificate_that_is_not_listed_is_refused(tmp_path):
    other = authority(Fault(key=rsa_key("authority-2")))
    with pytest.raises(AnchorRefused, match="not in the manifest"):
        import_anchor(other, manifest(tmp_path))


def test_an_unverified_entry_needs_the_fingerprint_of_the_authoritys_page(tmp_path):
    unverified = manifest(tmp_path, verified="false")
    with pytest.raises(AnchorRefused, match="compare"):
        import_anchor(authority(), unverified)
    printed = ":".join(SHA256[start : start + 2].lower() for start in range(0, 64, 2))
    assert import_anchor(authority(), unverified, compared_sha256=f" {printed}\n")[0].name == "authority-1"


@pytest.mark.parametrize("verified", ["true", "false"])
@pytest.mark.parametrize("compared", ["", "00", "0" * 64])
def test_another_compared_fingerprint_is_refused(tmp_path, verified: str, compared: str):
    with pytest.raises(AnchorRefused):
        import_anchor(authority(), manifest(tmp_path, verified=verified), compared_sha256=compared)


@pytest.mark.parametrize("noise", [b"", b"noise", b"-----BEGIN CERTIFICATE-----\nnoise\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(tmp_path, noise: bytes):
    with pytest.raises(AnchorRefused):
        import_anchor(noise, manifest(tmp_path))


BROKEN = {
    "no format": entry(),
    "another format": 'format = "x"\n' + entry(),
    "unknown table": HEAD + entry() + "[other]\n",
    "anchor is one table": HEAD + entry().replace("[[anchor]]", "[anchor]"),
    "anchor is text": HEAD + 'anchor = "x"\n',
    "anchor is a list of text": HEAD + 'anchor = ["x"]\n',
    "no toml": HEAD + "[[",
    "twice": HEAD + entry() + entry(),
    "same fingerprint": HEAD + entry() + entry(name='"b"'),
    "same name": HEAD + entry() + entry(sha256=f'"{"0" * 64}"'),
    "too long": HEAD + "#" * 300_000,
    **{
        f"without {member}": HEAD + entry(**{member: ""})
        for member in ("name", "purpose", "sha256", "serial", "not_before", "not_after", "source", "verified")
    },
    "unknown member": HEAD + entry() + "trusted = true\n",
    "unknown purpose": HEAD + entry(purpose='"everything"'),
    "purpose is a list": HEAD + entry(purpose='["digital-signature"]'),
    "short fingerprint": HEAD + entry(sha256='"00"'),
    "name with a path": HEAD + entry(name='"../x"'),
    "name is a number": HEAD + entry(name="1"),
    "date is text": HEAD + entry(not_before='"2018-01-01"'),
    "date with time": HEAD + entry(not_after="2018-01-01T00:00:00Z"),
    "verified is text": HEAD + entry(verified='"yes"'),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_manifest_is_refused(tmp_path, text: str):
    with pytest.raises(ManifestRefused):
        load_manifest(written(tmp_path, text))


def test_a_missing_manifest_is_refused(tmp_path):
    with pytest.raises(ManifestRefused):
        load_manifest(tmp_path / "manifest.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "manifest.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestRefused):
        load_manifest(tmp_path / "manifest.toml")
