"""The key fixes the algorithm, the signature has one length, and only the holder's key makes it."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.jpki.certificate import parse_certificate
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.possession import check_possession
from tests.unit.jpki.certificates import MESSAGE, Leaf, ec_key, ed25519_key, rsa_key, sign

TODAY = parse_certificate(Leaf().der())
NEXT = parse_certificate(Leaf(key=ec_key("holder")).der())
RSA_SIGNATURE = sign(rsa_key("holder"))[1]
EC_SIGNATURE = sign(ec_key("holder"))[1]
ORDER = int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)


def refusal_of(certificate, algorithm: str, signature: bytes, message: bytes = MESSAGE) -> Rejection:
    with pytest.raises(CardRejected) as refusal:
        check_possession(certificate, message, algorithm, signature)
    return refusal.value.reason


def test_both_kinds_of_key_prove_possession():
    check_possession(TODAY, MESSAGE, "RS256", RSA_SIGNATURE)
    check_possession(NEXT, MESSAGE, "ES384", EC_SIGNATURE)


# Signatures differ from run to run, and so must not name the tests.
OTHER_LENGTHS = ["none", "shorter", "longer", "another"]


@pytest.mark.parametrize("algorithm", ["ES384", "none", "HS256", "PS256", "RS384", "RS512", "rs256", "RS256 ", ""])
def test_an_rsa_key_answers_by_its_one_algorithm(algorithm: str):
    assert refusal_of(TODAY, algorithm, RSA_SIGNATURE) is Rejection.UNSUPPORTED_ALGORITHM


@pytest.mark.parametrize("algorithm", ["RS256", "none", "HS256", "ES256", "ES512", "es384", ""])
def test_a_p384_key_answers_by_its_one_algorithm(algorithm: str):
    assert refusal_of(NEXT, algorithm, EC_SIGNATURE) is Rejection.UNSUPPORTED_ALGORITHM


def test_a_key_of_another_kind_is_refused():
    certificate = parse_certificate(Leaf(key=ed25519_key()).der())
    assert refusal_of(certificate, "EdDSA", bytes(64)) is Rejection.UNSUPPORTED_ALGORITHM


@pytest.mark.parametrize(
    "signature", [b"", RSA_SIGNATURE[:-1], RSA_SIGNATURE + b"\x00", b"\x00" + RSA_SIGNATURE], ids=OTHER_LENGTHS
)
def test_an_rsa_signature_of_another_length_is_bad(signature: bytes):
    assert refusal_of(TODAY, "RS256", signature) is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize("signature", [b"", EC_SIGNATURE[:-1], EC_SIGNATURE + b"\x00", bytes(64)], ids=OTHER_LENGTHS)
def test_an_ec_signature_of_another_length_is_bad(signature: bytes):
    assert refusal_of(NEXT, "ES384", signature) is Rejection.BAD_SIGNATURE


def test_a_der_encoded_ec_signature_is_bad():
    der = ec_key("holder").sign(MESSAGE, ec.ECDSA(hashes.SHA384()))
    assert refusal_of(NEXT, "ES384", der) is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize("r", [0, 1, ORDER - 1, ORDER, (1 << 384) - 1])
@pytest.mark.parametrize("s", [0, 1, ORDER, (1 << 384) - 1])
def test_ec_signatures_at_the_ends_of_the_range_are_bad(r: int, s: int):
    assert refusal_of(NEXT, "ES384", r.to_bytes(48, "big") + s.to_bytes(48, "big")) is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize("signature", [bytes(256), b"\xff" * 256, bytes(255) + b"\x01"])
def test_rsa_signatures_that_are_no_signature_are_bad(signature: bytes):
    assert refusal_of(TODAY, "RS256", signature) is Rejection.BAD_SIGNATURE


def test_another_message_is_bad():
    assert refusal_of(TODAY, "RS256", RSA_SIGNATURE, MESSAGE + b"\x00") is Rejection.BAD_SIGNATURE
    assert refusal_of(NEXT, "ES384", EC_SIGNATURE, MESSAGE[:-1]) is Rejection.BAD_SIGNATURE


def test_the_key_of_another_card_is_bad():
    assert refusal_of(TODAY, "RS256", sign(rsa_key("somebody else"))[1]) is Rejection.BAD_SIGNATURE
    assert refusal_of(NEXT, "ES384", sign(ec_key("somebody else"))[1]) is Rejection.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("scheme", "digest"),
    [
        (padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
        (padding.PKCS1v15(), hashes.SHA384()),
        (padding.PKCS1v15(), hashes.SHA1()),
    ],
    ids=["RSASSA-PSS", "SHA-384", "SHA-1"],
)
def test_another_scheme_or_digest_is_bad(scheme, digest):
    signature = rsa_key("holder").sign(MESSAGE, scheme, digest)
    assert refusal_of(TODAY, "RS256", signature) is Rejection.BAD_SIGNATURE


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=96, max_size=96))
def test_random_ec_signatures_are_bad(signature: bytes):
    assert refusal_of(NEXT, "ES384", signature) is Rejection.BAD_SIGNATURE
