"""Files of the application and who may read them, as a reader sees them."""

import pytest

from idp.sandbox.card.application import JpkiCard
from tests.support.virtual_card import (
    PIN,
    SELECT_APPLICATION,
    SIGNING_PASSWORD,
    card_contents,
    credential,
    issuer,
    new_card,
    read,
    select,
    verify,
)

DONE = b"\x90\x00"
NOT_SATISFIED = b"\x69\x82"
AUTHENTICATION_CERTIFICATE = credential("user authentication", "authentication CA").certificate
SIGNATURE_CERTIFICATE = credential("digital signature", "signature CA").certificate


def read_whole(card: JpkiCard, file_id: int) -> bytes:
    """As OpenSC does: the length from the DER header, then slices of 256 bytes."""
    assert card.transmit(select(file_id)) == DONE
    header = card.transmit(read(0, 4))
    if header[-2:] != DONE:
        return header
    length = int.from_bytes(header[2:4]) + 4
    content = b""
    while len(content) < length:
        content += card.transmit(read(len(content), min(256, length - len(content)) & 0xFF))[:-2]
    return content


def ready(card: JpkiCard) -> JpkiCard:
    assert card.transmit(SELECT_APPLICATION) == DONE
    return card


def test_the_plastic_card_gives_its_user_authentication_certificate_to_anybody() -> None:
    assert read_whole(ready(new_card("card")), 0x000A) == AUTHENTICATION_CERTIFICATE


def test_a_phone_gives_its_user_authentication_certificate_after_the_pin_only() -> None:
    card = ready(new_card("phone"))

    assert read_whole(card, 0x000A) == NOT_SATISFIED
    card.transmit(verify(SIGNING_PASSWORD, 0x9B))
    assert read_whole(card, 0x000A) == NOT_SATISFIED
    card.transmit(verify(PIN, 0x98))
    assert read_whole(card, 0x000A) == AUTHENTICATION_CERTIFICATE


@pytest.mark.parametrize("kind", ["card", "phone"])
def test_the_signing_certificate_is_given_after_the_signing_password_only(kind: str) -> None:
    card = ready(new_card(kind))  # type: ignore[arg-type]

    assert read_whole(card, 0x0001) == NOT_SATISFIED
    card.transmit(verify(PIN, 0x98))
    assert read_whole(card, 0x0001) == NOT_SATISFIED
    card.transmit(verify(SIGNING_PASSWORD, 0x9B))
    assert read_whole(card, 0x0001) == SIGNATURE_CERTIFICATE


@pytest.mark.parametrize(("file_id", "name"), [(0x000B, "authentication CA"), (0x0002, "signature CA")])
def test_ca_certificates_are_free(file_id: int, name: str) -> None:
    assert read_whole(ready(new_card()), file_id) == issuer(name).der


@pytest.mark.parametrize(("kind", "label"), [("card", b"JPKIAPICCTOKEN2"), ("phone", b"JPKIAPGPSETOKEN")])
def test_the_token_label_tells_card_from_phone(kind: str, label: bytes) -> None:
    card = ready(new_card(kind))  # type: ignore[arg-type]
    card.transmit(select(0x0006))

    assert card.transmit(read(0, 0x20)) == label.ljust(32) + DONE
    assert len(card.transmit(read(0))) == 160 + 2


@pytest.mark.parametrize(("with_signature", "flags"), [(True, "8F8F00"), (False, "008F00")])
def test_presence_flags_say_which_certificates_exist(with_signature: bool, flags: str) -> None:
    card = ready(
        JpkiCard(
            card_contents(with_signature=with_signature),
            pin=PIN,
            signing_password=SIGNING_PASSWORD if with_signature else None,
        )
    )
    card.transmit(select(0x0008))

    assert card.transmit(read(0)) == bytes.fromhex(flags) + DONE


def test_a_card_without_the_signing_certificate_has_its_files_behind_a_locked_password() -> None:
    card = ready(JpkiCard(card_contents(with_signature=False), pin=PIN))

    assert card.transmit(bytes.fromhex("0020009B")) == b"\x63\xc0"
    for password in ("ABC123", "A", "ABCDEFGHIJKLMNOP"):
        assert card.transmit(verify(password, 0x9B)) == b"\x69\x84"
    card.transmit(verify(PIN, 0x98))
    assert read_whole(card, 0x0001) == NOT_SATISFIED
    assert card.transmit(bytes.fromhex("802A009A01AA00")) == NOT_SATISFIED
    assert card.signing_password_tries_left() is None


def test_no_file_but_the_known_ones_exists() -> None:
    card = ready(new_card())

    found = [file_id for file_id in range(0x10000) if card.transmit(select(file_id)) == DONE]

    assert found == [0x0001, 0x0002, 0x0006, 0x0008, 0x000A, 0x000B, 0x0017, 0x0018, 0x001A, 0x001B]


@pytest.mark.parametrize("file_id", [0x0017, 0x0018, 0x001A, 0x001B])
def test_keys_and_passwords_are_never_read(file_id: int) -> None:
    card = ready(new_card())
    card.transmit(verify(PIN, 0x98))
    card.transmit(verify(SIGNING_PASSWORD, 0x9B))
    card.transmit(select(file_id))

    assert card.transmit(read(0)) == b"\x69\x81"
