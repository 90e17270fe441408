"""Whole runs with the digital signature certificate: statement first, then the password, then the certificate."""

import base64
import json
from typing import Any

import pytest
from build_vectors import SIGNING
from card_double import CardDouble, make_certificate
from person_double import PersonDouble
from provider_double import ProviderDouble
from test_agent_sign_in import refusal_of_card, refuse, sign_in

from mynumber_card_agent.card_credentials import DIGITAL_SIGNATURE, USER_AUTHENTICATION, fold_case
from mynumber_card_agent.failure_text import describe_failure
from mynumber_card_agent.outcomes import AgentError, Outcome


@pytest.fixture
def signer(card: CardDouble) -> CardDouble:
    """The card of an adult: it has the digital signature certificate too, password ABC123."""
    card.signing_certificate = make_certificate(card.key)
    return card


@pytest.fixture(autouse=True)
def asks_for_a_declaration(provider: ProviderDouble) -> None:
    provider.behaviour.purpose = "digital-signature"
    provider.behaviour.transaction = dict(SIGNING)


def verifies(card: CardDouble) -> list[bytes]:
    return [bytes(command[5:]) for command in card.commands if command[1] == 0x20 and len(command) > 4]


def test_the_password_signs_the_declaration(provider: ProviderDouble, signer: CardDouble) -> None:
    assert sign_in(provider, signer.choice, PersonDouble("ABC123")) == provider.return_url


def test_the_certificate_that_is_sent_is_the_signing_one_and_comes_after_the_password(
    provider: ProviderDouble, signer: CardDouble
) -> None:
    signer.certificate = make_certificate(signer.key)[:-1] + b"x"
    sign_in(provider, signer.choice, PersonDouble("ABC123"))
    proof = json.loads(provider.requests[-1].body)
    assert base64.b64decode(proof["unverified_certificate"]) == signer.signing_certificate


def test_the_whole_statement_is_shown_before_the_password(provider: ProviderDouble, signer: CardDouble) -> None:
    person = PersonDouble("ABC123")
    sign_in(provider, signer.choice, person)
    rows = {row.label: row.value for row in person.shown[0].rows}
    assert rows["The statement you sign"] == SIGNING["statement"]
    assert rows["What will be released"] == "name\nbirthdate"
    assert rows["Your information goes to"] == "library.example.jp"
    assert rows["Signing password tries left"] == "5"
    assert "small letters are taken as capitals" in person.shown[0].prompt


def test_small_letters_become_capitals(provider: ProviderDouble, signer: CardDouble) -> None:
    sign_in(provider, signer.choice, PersonDouble("aBc123"))
    assert verifies(signer) == [b"ABC123"]


def test_the_password_is_overwritten_after_use_and_sent_nowhere(provider: ProviderDouble, signer: CardDouble) -> None:
    person = PersonDouble("abc123")
    sign_in(provider, signer.choice, person)
    assert person.given == [bytearray(6)]
    assert not any(b"ABC123" in request.body.upper() for request in provider.requests)


def test_capitals_are_made_in_place_and_only_where_the_password_wants_them() -> None:
    typed = bytearray(b"az09@`{")
    fold_case(DIGITAL_SIGNATURE, typed)
    assert typed == b"AZ09@`{"
    typed = bytearray(b"abcd")
    fold_case(USER_AUTHENTICATION, typed)
    assert typed == b"abcd"


@pytest.mark.parametrize("password", ["ABC12", "A" * 17, "ABC 123", "ABC-123", "パスワード", "ＡＢＣ１２３", ""])
def test_a_password_of_another_form_costs_no_try(provider: ProviderDouble, signer: CardDouble, password: str) -> None:
    person = PersonDouble(password, "ABC123")
    sign_in(provider, signer.choice, person)
    assert person.shown[1].remark == "Type 6 to 16 letters and digits."
    assert verifies(signer) == [b"ABC123"]


@pytest.mark.parametrize("password", ["ABC123", "A" * 16, "000000"])
def test_six_to_sixteen_letters_and_digits_are_sent(
    provider: ProviderDouble, signer: CardDouble, password: str
) -> None:
    signer.signing_password = password.encode()
    assert sign_in(provider, signer.choice, PersonDouble(password)) == provider.return_url


def test_a_wrong_password_is_said_with_the_tries_left(provider: ProviderDouble, signer: CardDouble) -> None:
    person = PersonDouble("WRONG1", "ABC123")
    sign_in(provider, signer.choice, person)
    assert person.shown[1].remark == "Wrong signing password. Tries left: 4."
    assert [confirmation.rows[-1].value for confirmation in person.shown] == ["5", "4"]


def test_four_wrong_passwords_stop_before_the_last_try(provider: ProviderDouble, signer: CardDouble) -> None:
    person = PersonDouble("WRONG1", "WRONG2", "WRONG3", "WRONG4", "WRONG5")
    error = refuse(provider, signer.choice, person)
    assert (error.outcome, signer.signing_tries_left) == (Outcome.LAST_TRY, 1)
    assert "signing password" in person.warnings[0]


def test_insisting_on_a_wrong_password_ends_with_locked(provider: ProviderDouble, signer: CardDouble) -> None:
    signer.signing_tries_left = 1
    error = refuse(provider, signer.choice, PersonDouble("WRONG1"), insists=True)
    assert error.outcome is Outcome.LOCKED
    assert "signing password is locked" in describe_failure(error, "en")


def test_the_other_pin_is_never_touched(provider: ProviderDouble, signer: CardDouble) -> None:
    signer.tries_left = 0
    assert sign_in(provider, signer.choice, PersonDouble("ABC123")) == provider.return_url
    assert signer.tries_left == 0


@pytest.mark.parametrize("has_file", [True, False])
def test_a_card_of_somebody_under_fifteen_is_called_so_before_the_password(
    provider: ProviderDouble, card: CardDouble, has_file: bool
) -> None:
    card.presence = b"\x00\x8f\x00"
    card.signing_certificate, card.signing_tries_left = (b"" if has_file else None), 0
    person = PersonDouble("ABC123")
    error = refuse(provider, card.choice, person)
    assert error.outcome is Outcome.NO_CERTIFICATE
    assert "under fifteen" in describe_failure(error, "en")
    assert "15歳未満" in describe_failure(error, "ja")
    assert (person.shown, provider.cancel_reasons()) == ([], ["no_certificate"])


@pytest.mark.parametrize("presence", [None, b"", b"\xff", b"\x8f\x00\x00"])
def test_a_card_that_does_not_say_what_it_lacks_is_asked(
    provider: ProviderDouble, signer: CardDouble, presence: bytes | None
) -> None:
    signer.presence = presence
    assert sign_in(provider, signer.choice, PersonDouble("ABC123")) == provider.return_url


def test_a_certificate_that_stays_empty_after_the_password_is_called_missing(
    provider: ProviderDouble, signer: CardDouble
) -> None:
    signer.signing_certificate = b""
    assert refuse(provider, signer.choice, PersonDouble("ABC123")).outcome is Outcome.NO_CERTIFICATE


def test_a_phone_signs_too(provider: ProviderDouble, signer: CardDouble) -> None:
    signer.is_phone = True
    assert sign_in(provider, signer.choice, PersonDouble("ABC123")) == provider.return_url


def test_a_card_without_user_authentication_certificate_signs_too(provider: ProviderDouble, signer: CardDouble) -> None:
    signer.certificate = None
    assert sign_in(provider, signer.choice, PersonDouble("ABC123")) == provider.return_url


def test_the_password_for_one_card_is_not_given_to_another(provider: ProviderDouble, signer: CardDouble) -> None:
    class Swapped(PersonDouble):
        def ask_pin(self, confirmation: Any, deadline: Any) -> bytearray:
            signer.certificate = make_certificate(signer.key)[:-1] + b"x"
            return super().ask_pin(confirmation, deadline)

    assert refuse(provider, signer.choice, Swapped("ABC123")).outcome is Outcome.CARD_FAILED
    assert verifies(signer) == []


@pytest.mark.parametrize(
    "broken", [{"statement": ""}, {"claims": []}, {"action": "sign-in"}, {"statement": "pay\u31641000"}]
)
def test_a_declaration_that_declares_nothing_or_hides_something_reaches_nobody(
    provider: ProviderDouble, signer: CardDouble, broken: dict[str, Any]
) -> None:
    provider.behaviour.transaction |= broken
    person = PersonDouble("ABC123")
    assert refuse(provider, signer.choice, person).outcome is Outcome.INVALID_ANSWER
    assert (person.shown, signer.commands) == ([], [])


@pytest.mark.parametrize("leaves_at", range(1, 32))
def test_a_card_taken_away_at_any_step_is_called_removed(
    provider: ProviderDouble, signer: CardDouble, leaves_at: int
) -> None:
    signer.leaves_at = leaves_at
    assert refuse(provider, signer.choice, PersonDouble("ABC123")).outcome is Outcome.REMOVED


def test_attributes_that_cannot_be_read_are_told_and_not_tried_again(
    provider: ProviderDouble, signer: CardDouble
) -> None:
    provider.behaviour.replies["/card/proof"] = [refusal_of_card("attributes_unreadable")]
    error = refuse(provider, signer.choice, PersonDouble("ABC123"))
    assert (error.outcome, error.code) == (Outcome.CARD_REFUSED, "attributes_unreadable")
    assert "Ask the service for another way." in describe_failure(error, "en")


def test_words_for_the_password_are_used_for_the_password_only() -> None:
    error = AgentError(Outcome.LOCKED)
    assert "PIN" in describe_failure(error, "en")
    error.purpose = "digital-signature"
    assert "PIN" not in describe_failure(error, "en")
