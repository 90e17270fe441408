"""OpenSC, which none of us wrote, takes the virtual card on a real pcscd for a My Number Card."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.sandbox.card.application import JpkiCard, LockedAnswer
from tests.support.pcscd import RunningPcscd
from tests.support.virtual_card import PIN, SELECT_APPLICATION, SIGNING_PASSWORD, card_contents, new_card, select
from tests.support.virtual_card import sign as sign_command

pytestmark = [pytest.mark.pcsc, pytest.mark.interop, pytest.mark.enable_socket]

Insert = Callable[[JpkiCard], JpkiCard]
USER_AUTHENTICATION = ("--slot-index", "0", "--id", "1")
DIGITAL_SIGNATURE = ("--slot-index", "1", "--id", "2")


@pytest.fixture
def insert(pcscd: RunningPcscd) -> Iterator[Insert]:
    """Puts a card into the reader for the rest of the test."""
    with ExitStack() as taken_out:

        def insert_card(card: JpkiCard) -> JpkiCard:
            taken_out.callback(pcscd.insert(card).close)
            return card

        yield insert_card


def pkcs11(pcscd: RunningPcscd, *arguments: str) -> CompletedProcess[str]:
    return pcscd.run(["pkcs11-tool", "--module", "opensc-pkcs11.so", *arguments])


def sign(
    pcscd: RunningPcscd, directory: Path, key: tuple[str, ...], password: str, mechanism: str = "SHA256-RSA-PKCS"
) -> CompletedProcess[str]:
    (directory / "data.bin").write_bytes(b"what is signed")
    in_out = ("--input-file", str(directory / "data.bin"), "--output-file", str(directory / "signature.bin"))
    return pkcs11(pcscd, *key, "--sign", "--mechanism", mechanism, "--login", "--pin", password, *in_out)


def openssl_verdict(pcscd: RunningPcscd, directory: Path, certificate: bytes, digest: str = "sha256") -> str:
    public_key = x509.load_der_x509_certificate(certificate).public_key()
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (directory / "public.pem").write_bytes(pem)
    files = ["-signature", str(directory / "signature.bin"), str(directory / "data.bin")]
    return pcscd.run(["openssl", "dgst", f"-{digest}", "-verify", str(directory / "public.pem"), *files]).stdout.strip()


def send(pcscd: RunningPcscd, *commands: bytes) -> list[str]:
    """Raw commands in one visit of opensc-tool; their status words."""
    arguments = [argument for command in commands for argument in ("--send-apdu", command.hex(":"))]
    sent = pcscd.run(["opensc-tool", *arguments]).stdout
    return ["".join(pair) for pair in re.findall(r"SW1=0x(..), SW2=0x(..)", sent)]


def tries_left(pcscd: RunningPcscd) -> list[int]:
    listed = pcscd.run(["pkcs15-tool", "--list-pins"]).stdout
    return [int(count) for count in re.findall(r"Tries left\s*: (\d+)", listed)]


@pytest.mark.parametrize("kind", ["card", "phone"])
def test_the_card_is_recognised_as_jpki(pcscd: RunningPcscd, insert: Insert, kind: str) -> None:
    insert(new_card(kind))  # type: ignore[arg-type]

    assert pcscd.run(["opensc-tool", "--name"]).stdout.strip() == "jpki"


def test_its_two_pins_and_two_keys_are_listed(pcscd: RunningPcscd, insert: Insert) -> None:
    insert(new_card())

    dump = pcscd.run(["pkcs15-tool", "--dump"])

    assert dump.returncode == 0, dump.stderr
    assert re.findall(r"^PIN \[(.+)\]", dump.stdout, re.M) == ["User Authentication PIN", "Digital Signature PIN"]
    assert re.findall(r"^Private RSA Key \[(.+)\]", dump.stdout, re.M) == [
        "User Authentication Key",
        "Digital Signature Key",
    ]
    assert tries_left(pcscd) == [3, 5]


@pytest.mark.parametrize(("certificate_id", "name"), [("01", "user_authentication"), ("03", "its CA")])
def test_free_certificates_are_read_byte_for_byte(
    pcscd: RunningPcscd, insert: Insert, certificate_id: str, name: str
) -> None:
    insert(new_card())

    pem = pcscd.run(["pkcs15-tool", "--read-certificate", certificate_id]).stdout

    contents = card_contents()
    expected = {"01": contents.user_authentication.certificate, "03": contents.user_authentication_ca_certificate}
    assert x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER) == expected[certificate_id], name


@pytest.mark.parametrize("mechanism", ["SHA256-RSA-PKCS", "SHA512-RSA-PKCS"])
def test_the_user_authentication_key_signs_and_openssl_verifies(
    pcscd: RunningPcscd, insert: Insert, tmp_path: Path, mechanism: str
) -> None:
    insert(new_card())

    signed = sign(pcscd, tmp_path, USER_AUTHENTICATION, PIN, mechanism)

    assert signed.returncode == 0, signed.stderr
    certificate = card_contents().user_authentication.certificate
    assert openssl_verdict(pcscd, tmp_path, certificate, mechanism.split("-")[0].lower()) == "Verified OK"


def test_the_digital_signature_key_signs_and_openssl_verifies(
    pcscd: RunningPcscd, insert: Insert, tmp_path: Path
) -> None:
    insert(new_card())

    signed = sign(pcscd, tmp_path, DIGITAL_SIGNATURE, SIGNING_PASSWORD)

    assert signed.returncode == 0, signed.stderr
    contents = card_contents()
    assert contents.digital_signature is not None
    assert openssl_verdict(pcscd, tmp_path, contents.digital_signature.certificate) == "Verified OK"
    assert openssl_verdict(pcscd, tmp_path, contents.user_authentication.certificate) == "Verification failure"


def test_the_signing_certificate_shows_after_the_signing_password_only(pcscd: RunningPcscd, insert: Insert) -> None:
    insert(new_card())
    listing = ("--slot-index", "1", "--list-objects", "--type", "cert")

    assert "Digital Signature Certificate\n" not in pkcs11(pcscd, *listing).stdout
    shown = pkcs11(pcscd, *listing, "--login", "--pin", SIGNING_PASSWORD)
    assert "Digital Signature Certificate\n" in shown.stdout


def test_a_wrong_pin_is_told_as_such_and_takes_one_try(pcscd: RunningPcscd, insert: Insert, tmp_path: Path) -> None:
    card = insert(new_card())

    refused = sign(pcscd, tmp_path, USER_AUTHENTICATION, "9999")

    assert refused.returncode == 1
    assert "CKR_PIN_INCORRECT" in refused.stderr
    assert tries_left(pcscd) == [2, 5]
    assert card.pin_tries_left() == 2


def test_the_right_pin_restores_the_tries(pcscd: RunningPcscd, insert: Insert, tmp_path: Path) -> None:
    insert(new_card())
    sign(pcscd, tmp_path, USER_AUTHENTICATION, "9999")

    assert sign(pcscd, tmp_path, USER_AUTHENTICATION, PIN).returncode == 0
    assert tries_left(pcscd) == [3, 5]


@pytest.mark.parametrize(
    ("locked_answer", "error"),
    [(0x6983, "CKR_PIN_LOCKED"), (0x6984, "CKR_GENERAL_ERROR"), (0x63C0, "CKR_PIN_INCORRECT")],
)
def test_a_locked_pin_is_refused_even_when_right(
    pcscd: RunningPcscd, insert: Insert, tmp_path: Path, locked_answer: LockedAnswer, error: str
) -> None:
    insert(new_card(locked_answer=locked_answer))
    for _ in range(3):
        sign(pcscd, tmp_path, USER_AUTHENTICATION, "9999")

    refused = sign(pcscd, tmp_path, USER_AUTHENTICATION, PIN)

    assert refused.returncode == 1
    assert error in refused.stderr
    assert tries_left(pcscd) == [0, 5]
    slots = pkcs11(pcscd, "--list-token-slots").stdout
    assert "user PIN locked" in slots


def test_the_locked_pin_leaves_the_signing_password_usable(pcscd: RunningPcscd, insert: Insert, tmp_path: Path) -> None:
    insert(new_card())
    for _ in range(3):
        sign(pcscd, tmp_path, USER_AUTHENTICATION, "9999")

    assert sign(pcscd, tmp_path, DIGITAL_SIGNATURE, SIGNING_PASSWORD).returncode == 0


def test_a_card_without_the_signing_certificate_still_authenticates(
    pcscd: RunningPcscd, insert: Insert, tmp_path: Path
) -> None:
    insert(JpkiCard(card_contents(with_signature=False), pin=PIN))

    signed = sign(pcscd, tmp_path, USER_AUTHENTICATION, PIN)

    assert signed.returncode == 0, signed.stderr
    assert openssl_verdict(pcscd, tmp_path, card_contents().user_authentication.certificate) == "Verified OK"
    assert tries_left(pcscd) == [3, 0]


def test_no_verified_pin_is_left_for_the_next_program(pcscd: RunningPcscd, insert: Insert, tmp_path: Path) -> None:
    insert(new_card())
    assert sign(pcscd, tmp_path, USER_AUTHENTICATION, PIN).returncode == 0

    answers = send(pcscd, SELECT_APPLICATION, sign_command(b"data", 0x97))

    assert answers == ["9000", "6982"]


def test_a_command_takes_no_40_ms(pcscd: RunningPcscd, insert: Insert) -> None:
    """Nagle's algorithm in vpcd against delayed acknowledgements: 60 commands would take 2.6 seconds."""
    insert(new_card())
    started = time.monotonic()

    assert send(pcscd, SELECT_APPLICATION, *[select(0x000A)] * 60) == ["9000"] * 61

    assert time.monotonic() - started < 1.5


def test_taking_the_card_out_is_seen(pcscd: RunningPcscd) -> None:
    pcscd.insert(new_card()).close()

    pcscd.wait_until_empty()

    assert pcscd.run(["opensc-tool", "--name"]).returncode != 0
