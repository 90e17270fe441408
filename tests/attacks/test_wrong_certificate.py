"""Certificates that are not the living user authentication certificate of the card at hand."""

import base64
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from idp.sandbox.authority import new_private_key
from idp.sandbox.pki import IssuedCertificate
from tests.attacks.refusals import assert_card_refused
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import BEGIN, Provider

Present = Callable[..., PresenterDouble]


def test_the_signing_certificate_does_not_sign_in(provider: Provider, presenter: PresenterDouble) -> None:
    signing = provider.cards["hanako"].digital_signature
    assert signing is not None
    presenter.card = signing
    presenter.open()
    assert_card_refused(presenter.prove(), "wrong_purpose")


def test_a_certificate_without_its_key_does_not_sign_in(provider: Provider, presenter: PresenterDouble) -> None:
    # The certificate of a plastic card can be read by anybody near it.
    presenter.open()
    read_from_somebody = provider.cards["taro"].user_authentication.certificate_der
    proof = presenter.proof(unverified_certificate=base64.b64encode(read_from_somebody).decode())
    assert_card_refused(presenter.prove(proof), "bad_signature")
    assert [event for event, *_ in provider.audit_events() if event == "card_refused"] == []


def test_a_certificate_of_the_attackers_own_making_does_not_sign_in(
    provider: Provider, presenter: PresenterDouble
) -> None:
    genuine = provider.cards["hanako"].user_authentication
    key = new_private_key()
    template = x509.load_der_x509_certificate(genuine.certificate_der)
    builder = (
        x509.CertificateBuilder()
        .subject_name(template.subject)
        .issuer_name(template.issuer)
        .public_key(key.public_key())
        .serial_number(template.serial_number)
        .not_valid_before(BEGIN)
        .not_valid_after(template.not_valid_after_utc)
    )
    for extension in template.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    forged = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    presenter.card = IssuedCertificate("nobody", b"", forged, key)
    presenter.open()
    assert_card_refused(presenter.prove(), "untrusted_issuer")


def test_an_expired_certificate_does_not_sign_in(browser_presenter: Present) -> None:
    presenter = browser_presenter("expired")
    presenter.open()
    assert_card_refused(presenter.prove(), "expired")


def test_an_authority_is_no_card(provider: Provider, presenter: PresenterDouble) -> None:
    authority = provider.parts.sandbox[0].get_authority("user-authentication", 2)  # type: ignore[index]
    presenter.open()
    der = authority.certificate.public_bytes(Encoding.DER)
    answer = presenter.prove(presenter.proof(unverified_certificate=base64.b64encode(der).decode()))
    assert answer.status_code == 422


@pytest.mark.parametrize("person", ["hanako", "phone", "next-card", "child", "substituted"])
def test_every_kind_of_good_card_is_accepted(browser_presenter: Present, person: str) -> None:
    presenter = browser_presenter(person)
    presenter.open()
    assert presenter.prove().status_code == 200


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())])
def test_a_certificate_signed_by_itself_does_not_sign_in(presenter: PresenterDouble, key: object) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(1)
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN.replace(year=BEGIN.year + 1))
        .sign(key, SHA256())  # type: ignore[arg-type]
    )
    presenter.open()
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    assert presenter.prove(presenter.proof(unverified_certificate=encoded)).status_code == 422
