"""What a card can carry."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from idp.sandbox.card.contents import CardCredential, check_contents
from tests.support.virtual_card import card_contents, credential


def test_ordinary_contents_are_carried() -> None:
    check_contents(card_contents())
    check_contents(card_contents(with_signature=False))


def test_a_key_of_another_size_is_refused() -> None:
    short_key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    certificate = credential("digital signature", "signature CA").certificate

    with pytest.raises(ValueError, match="RSA-2048"):
        check_contents(replace(card_contents(), digital_signature=CardCredential(short_key, certificate)))


@pytest.mark.parametrize("length", [0, 255, 32768])
def test_a_certificate_that_readers_could_not_measure_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="256 to 32767"):
        check_contents(replace(card_contents(), digital_signature_ca_certificate=bytes(length)))


def test_contents_keep_keys_and_certificates_out_of_repr() -> None:
    contents = card_contents()

    assert len(repr(contents)) < 200
