"""The directory of imported anchors is believed only as far as the manifest goes."""

import os

import pytest
from cryptography import x509

from idp.jpki.trust_anchors import SANDBOX_ORGANIZATION, AnchorRefused
from idp.jpki.trust_manifest import import_anchor
from idp.jpki.trust_store import list_anchors, load_trust_anchors, write_anchor
from tests.unit.jpki.certificates import Fault, Leaf, authority, name, rsa_key, verify
from tests.unit.jpki.test_trust_manifest import fingerprint, manifest

SANDBOX = authority(Fault(subject=name("for user authentication", organization=SANDBOX_ORGANIZATION)))
OTHER = x509.load_der_x509_certificate(authority(Fault(key=rsa_key("authority-2"))))


def imported(tmp_path, directory):
    listed = manifest(tmp_path)
    write_anchor(directory, *import_anchor(authority(), listed))
    return listed


def test_an_imported_anchor_is_listed_and_verifies_cards(tmp_path):
    directory = tmp_path / "anchors"
    listed = manifest(tmp_path)
    assert [found.state for found in list_anchors(listed, directory)] == ["missing"]
    imported(tmp_path, directory)
    assert [found.state for found in list_anchors(listed, directory)] == ["imported"]
    assert os.listdir(directory) == ["authority-1.pem"]
    anchors = load_trust_anchors(listed, directory)
    assert [found.name for found in anchors.anchors] == ["authority-1"]
    verify(Leaf().der(), anchors=anchors)


def test_importing_twice_changes_nothing(tmp_path):
    listed = imported(tmp_path, tmp_path / "anchors")
    imported(tmp_path, tmp_path / "anchors")
    assert len(load_trust_anchors(listed, tmp_path / "anchors").anchors) == 1


def test_another_certificate_is_not_written_under_an_entry(tmp_path):
    with pytest.raises(AnchorRefused):
        write_anchor(tmp_path / "anchors", manifest(tmp_path).entries[0], OTHER)


def test_a_sandboxs_authority_is_refused_although_it_is_listed(tmp_path):
    certificate = x509.load_der_x509_certificate(SANDBOX)
    listed = manifest(tmp_path, sha256=f'"{fingerprint(certificate)}"')
    with pytest.raises(AnchorRefused, match="sandbox"):
        write_anchor(tmp_path / "anchors", *import_anchor(SANDBOX, listed))


@pytest.mark.parametrize("content", [b"noise", SANDBOX, authority(Fault(key=rsa_key("authority-2")))])
def test_a_file_that_was_replaced_by_hand_is_refused(tmp_path, content: bytes):
    directory = tmp_path / "anchors"
    listed = imported(tmp_path, directory)
    (directory / "authority-1.pem").write_bytes(content)
    with pytest.raises(AnchorRefused, match=r"authority-1\.pem"):
        load_trust_anchors(listed, directory)


def test_a_file_that_the_manifest_does_not_name_is_not_read(tmp_path):
    directory = tmp_path / "anchors"
    listed = imported(tmp_path, directory)
    (directory / "intruder.pem").write_bytes(SANDBOX)
    assert [found.name for found in load_trust_anchors(listed, directory).anchors] == ["authority-1"]


def test_without_any_anchor_the_store_does_not_load(tmp_path):
    with pytest.raises(AnchorRefused, match="no trust anchor"):
        load_trust_anchors(manifest(tmp_path), tmp_path / "anchors")


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        imported(tmp_path, tmp_path / "anchors")
    assert os.listdir(tmp_path / "anchors") == []
