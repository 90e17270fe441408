"""The key fixes the algorithm; what is sent must equal it."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384

from tests.attacks.refusals import assert_card_refused
from tests.support.presenter_double import PresenterDouble, base64url, sign, signed_bytes

Present = Callable[..., PresenterDouble]


@pytest.mark.parametrize(
    "algorithm", ["ES384", "none", "None", "", "PS256", "HS256", "RS384", "RS1", "rs256", "RS256 ", " RS256", "ES256"]
)
def test_an_rsa_key_is_taken_as_rs256_only(presenter: PresenterDouble, algorithm: str) -> None:
    presenter.open()
    assert_card_refused(presenter.prove(presenter.proof(algorithm=algorithm)), "unsupported_algorithm")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "none", "HS384", "es384", ""])
def test_a_p384_key_is_taken_as_es384_only(browser_presenter: Present, algorithm: str) -> None:
    presenter = browser_presenter("next-card")
    presenter.open()
    assert_card_refused(presenter.prove(presenter.proof(algorithm=algorithm)), "unsupported_algorithm")


@pytest.mark.parametrize(
    ("scheme", "digest"),
    [
        (padding.PSS(padding.MGF1(SHA256()), 32), SHA256()),
        (padding.PKCS1v15(), SHA384()),
        (padding.PKCS1v15(), SHA1()),
    ],
    ids=["pss", "sha384", "sha1"],
)
def test_another_scheme_under_the_name_rs256_is_refused(
    presenter: PresenterDouble, scheme: padding.AsymmetricPadding, digest: SHA1 | SHA256 | SHA384
) -> None:
    presenter.open()
    message = signed_bytes(presenter.issuer, presenter.nonce, presenter.transaction)
    signature = presenter.card.private_key.sign(message, scheme, digest)  # type: ignore[call-arg, arg-type]
    assert_card_refused(presenter.prove(presenter.proof(signature=base64url(signature))), "bad_signature")


def test_an_es384_signature_in_der_or_with_zeros_is_refused(browser_presenter: Present) -> None:
    presenter = browser_presenter("next-card")
    presenter.open()
    _, raw = sign(presenter.card, signed_bytes(presenter.issuer, presenter.nonce, presenter.transaction))
    # As many as there are tries.
    for broken in (bytes(96), raw[:95], b"\xff" * 96, bytes(48) + raw[48:], raw[:48] + bytes(48)):
        assert_card_refused(presenter.prove(presenter.proof(signature=base64url(broken))), "bad_signature")


@pytest.mark.parametrize("length", [1, 255, 257, 512])
def test_an_rsa_signature_of_another_length_is_refused(presenter: PresenterDouble, length: int) -> None:
    presenter.open()
    assert_card_refused(presenter.prove(presenter.proof(signature=base64url(bytes(length)))), "bad_signature")
