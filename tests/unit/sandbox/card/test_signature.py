"""The card's signature schemes: RFC 8017 §8.2.1, §9.2."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from idp.sandbox.card.signature import compute_signature
from idp.sandbox.card.status_word import CommandRefused, StatusWord
from tests.support.virtual_card import SHA256_DIGEST_INFO, private_key

KEY = private_key("user authentication")


@pytest.mark.parametrize("data", [b"\x00", b"any bytes at all", b"\xff" * 245])
def test_verbatim_data_stand_behind_type_1_padding(data: bytes) -> None:
    numbers = KEY.public_key().public_numbers()

    signature = compute_signature(KEY, 0x00, data)

    block = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(256)
    assert block == b"\x00\x01" + b"\xff" * (253 - len(data)) + b"\x00" + data


def test_a_digest_info_given_verbatim_makes_an_ordinary_signature() -> None:
    signature = compute_signature(KEY, 0x00, SHA256_DIGEST_INFO + hashlib.sha256(b"M").digest())

    KEY.public_key().verify(signature, b"M", PKCS1v15(), SHA256())


def test_a_hash_is_given_its_digest_info_by_the_card() -> None:
    KEY.public_key().verify(compute_signature(KEY, 0x02, hashlib.sha256(b"M").digest()), b"M", PKCS1v15(), SHA256())


@pytest.mark.parametrize(("scheme", "length"), [(0x00, 0), (0x00, 246), (0x02, 31), (0x02, 33), (0x02, 0)])
def test_data_of_a_wrong_length_are_refused(scheme: int, length: int) -> None:
    with pytest.raises(CommandRefused) as refused:
        compute_signature(KEY, scheme, bytes(length))

    assert refused.value.status_word == StatusWord.WRONG_LENGTH


@pytest.mark.parametrize("scheme", [0x01, 0x03, 0x04, 0x05, 0x9E, 0xFF])
def test_other_schemes_are_refused(scheme: int) -> None:
    with pytest.raises(CommandRefused) as refused:
        compute_signature(KEY, scheme, bytes(32))

    assert refused.value.status_word == StatusWord.WRONG_PARAMETERS
