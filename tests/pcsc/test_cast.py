"""The cast's cards, with certificates of the JPKI shape, before OpenSC and openssl."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idp.sandbox.card.personalise import personalise
from idp.sandbox.cast import EXPIRED, ORDINARY, PHONE, UNDER_FIFTEEN, CastMember
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.pki import SandboxPki
from tests.support.pcscd import RunningPcscd
from tests.support.virtual_card import PIN, SIGNING_PASSWORD

pytestmark = [pytest.mark.pcsc, pytest.mark.interop, pytest.mark.enable_socket]

Sandbox = tuple[SandboxPki, Mapping[str, CastCard]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return prepare_sandbox(tmp_path_factory.mktemp("sandbox"), datetime.now(UTC))


def shell(pcscd: RunningPcscd, directory: Path, script: str) -> tuple[int, str]:
    """A few commands as a person would type them, in a directory of the test."""
    ran = pcscd.run(["sh", "-euc", script], cwd=directory)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("member", [ORDINARY, UNDER_FIFTEEN], ids=lambda member: member.slug)
def test_signature_and_chain_of_a_card_are_good_to_openssl(
    pcscd: RunningPcscd, sandbox: Sandbox, tmp_path: Path, member: CastMember
) -> None:
    pki, cards = sandbox
    card_in_reader = pcscd.insert(personalise(cards[member.slug], pki))
    script = f"""
        pkcs15-tool --read-certificate 01 > leaf.pem
        pkcs15-tool --read-certificate 03 > ca.pem
        openssl verify -CAfile ca.pem leaf.pem
        echo data > data
        pkcs11-tool --module opensc-pkcs11.so --sign -m SHA256-RSA-PKCS --id 1 --login --pin {PIN} -i data -o sig
        openssl x509 -in leaf.pem -pubkey -noout > leaf.pub
        openssl dgst -sha256 -verify leaf.pub -signature sig data
    """

    status, said = shell(pcscd, tmp_path, script)
    card_in_reader.close()

    assert status == 0, said
    assert "leaf.pem: OK" in said
    assert "Verified OK" in said


def test_the_signing_certificate_is_good_to_openssl_after_its_password(
    pcscd: RunningPcscd, sandbox: Sandbox, tmp_path: Path
) -> None:
    pki, cards = sandbox
    card_in_reader = pcscd.insert(personalise(cards[ORDINARY.slug], pki))
    script = f"""
        p11="pkcs11-tool --module opensc-pkcs11.so --slot-index 1 --login --pin {SIGNING_PASSWORD} --id 2"
        $p11 --read-object --type cert -o leaf.der
        openssl x509 -inform DER -in leaf.der -out leaf.pem
        pkcs15-tool --read-certificate 04 > ca.pem
        openssl verify -CAfile ca.pem leaf.pem
        echo data > data
        $p11 --sign -m SHA256-RSA-PKCS -i data -o sig
        openssl x509 -in leaf.pem -pubkey -noout > leaf.pub
        openssl dgst -sha256 -verify leaf.pub -signature sig data
    """

    status, said = shell(pcscd, tmp_path, script)
    card_in_reader.close()

    assert status == 0, said
    assert "leaf.pem: OK" in said
    assert "Verified OK" in said


def test_the_expired_card_is_expired_to_openssl(pcscd: RunningPcscd, sandbox: Sandbox, tmp_path: Path) -> None:
    pki, cards = sandbox
    card_in_reader = pcscd.insert(personalise(cards[EXPIRED.slug], pki))
    script = """
        pkcs15-tool --read-certificate 01 > leaf.pem
        pkcs15-tool --read-certificate 03 > ca.pem
        openssl verify -CAfile ca.pem leaf.pem
    """

    status, said = shell(pcscd, tmp_path, script)
    card_in_reader.close()

    assert status != 0
    assert "certificate has expired" in said


def test_a_phone_shows_no_certificate_before_the_pin(pcscd: RunningPcscd, sandbox: Sandbox, tmp_path: Path) -> None:
    pki, cards = sandbox
    card_in_reader = pcscd.insert(personalise(cards[PHONE.slug], pki))

    status, said = shell(pcscd, tmp_path, "pkcs15-tool --read-certificate 01")
    card_in_reader.close()

    assert status != 0
    assert "BEGIN CERTIFICATE" not in said
