"""A good signature is worth nothing for another nonce, issuer, client or transaction, nor a second time."""

from collections.abc import Callable

import pytest

from tests.attacks.refusals import assert_card_refused, assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble, base64url, sign, signed_bytes
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

Present = Callable[..., PresenterDouble]


def signed(presenter: PresenterDouble, message: bytes) -> dict[str, str]:
    algorithm, signature = sign(presenter.card, message)
    return presenter.proof(algorithm=algorithm, signature=base64url(signature))


def test_a_signature_over_a_spent_nonce_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    good = presenter.proof()
    assert_card_refused(presenter.prove(good | {"signature": good["signature"][::-1]}), "bad_signature")
    # The nonce that ``good`` answers was spent by the failed try.
    assert_card_refused(presenter.prove(good), "bad_signature")


def test_a_signature_for_another_issuer_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    message = signed_bytes("https://evil.example", presenter.nonce, presenter.transaction)
    assert_card_refused(presenter.prove(signed(presenter, message)), "bad_signature")


def test_a_signature_for_another_purpose_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    message = signed_bytes(presenter.issuer, presenter.nonce, presenter.transaction, "digital-signature")
    assert_card_refused(presenter.prove(signed(presenter, message)), "bad_signature")


@pytest.mark.parametrize("member", ["client_id", "client_name", "redirect_uri", "request_hash", "acr", "expires_at"])
def test_a_signature_over_a_transaction_with_another_member_is_refused(presenter: PresenterDouble, member: str) -> None:
    presenter.open()
    shown = presenter.transaction | {member: presenter.transaction[member] + "x"}
    message = signed_bytes(presenter.issuer, presenter.nonce, shown)
    assert_card_refused(presenter.prove(signed(presenter, message)), "bad_signature")


def test_a_proof_made_for_another_client_is_refused(
    provider: Provider, presenter: PresenterDouble, present_with: Present
) -> None:
    evil = provider.relying_party(client_name="別のサービス")
    other = provider.browser()
    other.authorize(evil.request())
    for_evil = present_with(other.handle)
    for_evil.open()
    presenter.open()
    made_for_evil = for_evil.proof(secret=presenter.secret)
    assert_card_refused(presenter.prove(made_for_evil), "bad_signature")


def test_a_proof_of_another_transaction_of_the_same_client_is_refused(
    provider: Provider, relying_party: RelyingParty, presenter: PresenterDouble, present_with: Present
) -> None:
    other = provider.browser()
    other.authorize(relying_party.request())
    second = present_with(other.handle)
    second.open()
    presenter.open()
    assert_card_refused(presenter.prove(second.proof(secret=presenter.secret)), "bad_signature")


def test_a_signature_over_the_nonce_alone_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    assert_card_refused(presenter.prove(signed(presenter, presenter.nonce.encode())), "bad_signature")


def test_a_lost_answer_is_repeated_for_the_identical_body_only(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = presenter.proof()
    first = presenter.prove(proof)
    again = presenter.prove(proof)
    assert again.get_json() == first.get_json()
    assert_refused(presenter.prove(proof | {"presenter": "double/2"}), 410, "transaction_ended")


def test_a_used_return_address_is_not_repeated(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    proof = presenter.proof()
    browser.get(presenter.prove(proof).get_json()["return_url"])
    assert_refused(presenter.prove(proof), 410, "transaction_ended")


def test_a_proof_a_second_before_the_expiry_is_good(provider: Provider, presenter: PresenterDouble) -> None:
    presenter.open()
    provider.clock.advance(provider.settings.presenter.opening_seconds - 1)
    assert presenter.prove().status_code == 200


def test_a_proof_at_the_expiry_is_refused(provider: Provider, presenter: PresenterDouble) -> None:
    presenter.open()
    provider.clock.advance(provider.settings.presenter.opening_seconds)
    assert_refused(presenter.prove(), 410, "transaction_ended")


def test_a_handle_is_unknown_when_its_sign_in_has_expired(provider: Provider, presenter: PresenterDouble) -> None:
    presenter.open()
    provider.clock.advance(provider.settings.signin.transaction_seconds)
    assert_refused(presenter.prove(), 401, "invalid_handle")
    assert_refused(presenter.open(), 401, "invalid_handle")
