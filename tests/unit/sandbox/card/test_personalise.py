"""Every person of the cast can hold their card to a reader."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.password import TriesInMemory
from idp.sandbox.card.personalise import personalise
from idp.sandbox.cast import CAST, NEXT_CARD, ORDINARY, PHONE, UNDER_FIFTEEN, CastMember
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.pki import SandboxPki
from tests.support.virtual_card import (
    PIN,
    SELECT_APPLICATION,
    SHA256_DIGEST_INFO,
    SIGNING_PASSWORD,
    select,
    sign,
    verify,
)

DONE = b"\x90\x00"
Sandbox = tuple[SandboxPki, Mapping[str, CastCard]]
ON_A_CARD = [member for member in CAST if not member.in_process_only]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return prepare_sandbox(tmp_path_factory.mktemp("sandbox"), datetime(2026, 11, 22, tzinfo=UTC))


def card_of(sandbox: Sandbox, member: CastMember) -> JpkiCard:
    pki, cards = sandbox
    card = personalise(cards[member.slug], pki)
    assert card.transmit(SELECT_APPLICATION) == DONE
    return card


def read_whole(card: JpkiCard, file_id: int) -> x509.Certificate:
    assert card.transmit(select(file_id)) == DONE
    answer = card.transmit(bytes.fromhex("00B00000000000"))
    assert answer[-2:] == DONE
    return x509.load_der_x509_certificate(answer[:-2])


@pytest.mark.parametrize("member", ON_A_CARD, ids=lambda member: member.slug)
def test_the_pin_signs_with_the_key_of_the_certificate_on_the_card(sandbox: Sandbox, member: CastMember) -> None:
    card = card_of(sandbox, member)
    assert card.transmit(verify(PIN, 0x98)) == DONE

    answer = card.transmit(sign(SHA256_DIGEST_INFO + hashlib.sha256(b"M").digest(), 0x97))

    certificate = read_whole(card, 0x000A)
    public_key = certificate.public_key()
    assert isinstance(public_key, RSAPublicKey)
    public_key.verify(answer[:-2], b"M", PKCS1v15(), SHA256())
    certificate.verify_directly_issued_by(read_whole(card, 0x000B))


@pytest.mark.parametrize(
    "member", [member for member in ON_A_CARD if member.has_digital_signature], ids=lambda member: member.slug
)
def test_the_signing_password_opens_a_certificate_of_the_authority_on_the_card(
    sandbox: Sandbox, member: CastMember
) -> None:
    card = card_of(sandbox, member)
    assert card.transmit(verify(SIGNING_PASSWORD, 0x9B)) == DONE

    read_whole(card, 0x0001).verify_directly_issued_by(read_whole(card, 0x0002))


def test_the_phone_is_a_phone_and_the_child_has_no_signing_certificate(sandbox: Sandbox) -> None:
    phone, child = card_of(sandbox, PHONE), card_of(sandbox, UNDER_FIFTEEN)

    assert phone.transmit(bytes.fromhex("00B086000F")) == b"JPKIAPGPSETOKEN" + DONE
    assert child.transmit(bytes.fromhex("00B0880000")) == bytes.fromhex("008F00") + DONE


def test_two_cards_of_one_person_may_share_their_tries(sandbox: Sandbox) -> None:
    pki, cards = sandbox
    counter = TriesInMemory(3)
    first, second = (personalise(cards[ORDINARY.slug], pki, pin_counter=counter) for _ in range(2))
    first.transmit(SELECT_APPLICATION)

    first.transmit(verify("0000", 0x98))

    assert second.pin_tries_left() == 2


def test_the_next_generation_has_no_card_here(sandbox: Sandbox) -> None:
    pki, cards = sandbox

    with pytest.raises(ValueError, match="not RSA"):
        personalise(cards[NEXT_CARD.slug], pki)
