"""Whole sign-ins against a provider and a card that were written from the documents, in process."""

import json
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from card_double import CardDouble, make_certificate
from cryptography.hazmat.primitives.asymmetric import ec
from person_double import PersonDouble
from provider_double import ProviderDouble

from mynumber_card_agent.card_choice import make_card_source
from mynumber_card_agent.links import parse_link
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Card
from mynumber_card_agent.presenter_api import PresenterApi
from mynumber_card_agent.sign_in import SignIn, SignInOptions


def sign_in(provider: ProviderDouble, choice: str, person: PersonDouble, *, insists: bool = False) -> str:
    invitation = parse_link(provider.link, (provider.issuer,))
    api = PresenterApi(invitation, pause=lambda seconds: None)
    options = SignInOptions(insists=insists, card_wait_seconds=1)
    return SignIn(api, partial(make_card_source, choice), person, options).run()


def refuse(provider: ProviderDouble, choice: str, person: PersonDouble, *, insists: bool = False) -> AgentError:
    with pytest.raises(AgentError) as refusal:
        sign_in(provider, choice, person, insists=insists)
    return refusal.value


def refusal_of_card(error: str, *, tries_left: int = 4) -> tuple[int, dict[str, Any]]:
    next_nonce = "m" * 42 + "A" if tries_left else ""
    return 422, {"error": error, "next_nonce": next_nonce, "tries_left": tries_left, "reference": "REF7"}


def test_a_card_and_its_pin_earn_the_return_address(provider: ProviderDouble, card: CardDouble) -> None:
    assert sign_in(provider, card.choice, PersonDouble("1234")) == provider.return_url
    assert provider.paths() == ["/card/open", "/card/proof"]


def test_the_card_is_reset_and_powered_off_after_each_holding(provider: ProviderDouble, card: CardDouble) -> None:
    sign_in(provider, card.choice, PersonDouble("1234"))
    assert card.is_idle.wait(5)
    assert card.controls == [1, 2, 0, 1, 2, 0]


def test_the_pin_is_overwritten_after_use(provider: ProviderDouble, card: CardDouble) -> None:
    person = PersonDouble("1234")
    sign_in(provider, card.choice, person)
    assert person.given == [bytearray(4)]


def test_the_pin_goes_to_the_card_and_nowhere_else(provider: ProviderDouble, card: CardDouble) -> None:
    card.pin = b"9753"
    sign_in(provider, card.choice, PersonDouble("9753"))
    assert not any(b"9753" in request.body for request in provider.requests)


def test_no_request_could_come_from_a_page(provider: ProviderDouble, card: CardDouble) -> None:
    sign_in(provider, card.choice, PersonDouble("1234"))
    for request in provider.requests:
        assert not {"Origin", "Referer", "Cookie"} & request.headers.keys()


def test_a_phone_gives_its_certificate_after_the_pin(provider: ProviderDouble, card: CardDouble) -> None:
    card.is_phone = True
    assert sign_in(provider, card.choice, PersonDouble("1234")) == provider.return_url


def test_a_wrong_pin_is_said_and_asked_again_with_the_tries_left(provider: ProviderDouble, card: CardDouble) -> None:
    person = PersonDouble("0000", "1234")
    sign_in(provider, card.choice, person)
    assert person.shown[1].remark == "Wrong PIN. Tries left: 2."
    assert [confirmation.rows[-1].value for confirmation in person.shown] == ["3", "2"]


def test_a_pin_of_another_form_costs_no_try(provider: ProviderDouble, card: CardDouble) -> None:
    sign_in(provider, card.choice, PersonDouble("12", "12345", "abcd", "１２３４", "1234"))
    verified = [command for command in card.commands if command[1] == 0x20 and len(command) > 4]
    assert verified == [bytes.fromhex("0020008004") + b"1234"]


def test_where_nobody_can_be_asked_again_a_wrong_pin_ends_it(provider: ProviderDouble, card: CardDouble) -> None:
    error = refuse(provider, card.choice, PersonDouble("0000", "0001", asks_again=False))
    assert (error.outcome, error.tries_left, card.tries_left) == (Outcome.WRONG_PIN, 2, 2)
    assert provider.cancel_reasons() == ["wrong_pin"]


def test_two_wrong_pins_stop_before_the_last_try(provider: ProviderDouble, card: CardDouble) -> None:
    error = refuse(provider, card.choice, PersonDouble("0000", "0001", "0002"))
    assert (error.outcome, card.tries_left) == (Outcome.LAST_TRY, 1)


def test_one_try_left_is_not_used_unless_the_person_insists(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    person = PersonDouble("1234")
    assert refuse(provider, card.choice, person).outcome is Outcome.LAST_TRY
    assert person.shown == []
    assert len(person.warnings) == 1


@pytest.mark.parametrize("by_flag", [True, False])
def test_a_person_who_insists_may_use_the_last_try(provider: ProviderDouble, card: CardDouble, by_flag: bool) -> None:
    card.tries_left = 1
    person = PersonDouble("1234", insists=not by_flag)
    assert sign_in(provider, card.choice, person, insists=by_flag) == provider.return_url


def test_insisting_on_a_wrong_pin_ends_with_locked(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 1
    assert refuse(provider, card.choice, PersonDouble("0000"), insists=True).outcome is Outcome.LOCKED
    assert provider.cancel_reasons() == ["locked"]


@pytest.mark.parametrize("status", [0x63C0, 0x6983, 0x6984])
def test_every_way_of_saying_locked_means_locked(provider: ProviderDouble, card: CardDouble, status: int) -> None:
    card.tries_left, card.locked_status = 0, status
    person = PersonDouble("1234")
    assert refuse(provider, card.choice, person).outcome is Outcome.LOCKED
    assert person.shown == []
    assert provider.cancel_reasons() == ["locked"]


def test_another_card_is_called_so(provider: ProviderDouble, card: CardDouble) -> None:
    card.has_application = False
    assert refuse(provider, card.choice, PersonDouble("1234")).outcome is Outcome.WRONG_CARD
    assert provider.cancel_reasons() == ["wrong_card"]


@pytest.mark.parametrize("content", [None, b"", bytes(2000), b"\xff" * 2000, b"\x30\x82\x00\x05\x30\x82\x00\x01\x00"])
def test_a_card_without_certificate_is_called_so(
    provider: ProviderDouble, card: CardDouble, content: bytes | None
) -> None:
    card.certificate = content
    person = PersonDouble("1234")
    assert refuse(provider, card.choice, person).outcome is Outcome.NO_CERTIFICATE
    assert person.shown == []
    assert provider.cancel_reasons() == ["no_certificate"]


def test_a_key_of_the_next_card_is_called_so(provider: ProviderDouble, card: CardDouble) -> None:
    card.certificate = make_certificate(ec.generate_private_key(ec.SECP384R1()))
    assert refuse(provider, card.choice, PersonDouble("1234")).outcome is Outcome.UNSUPPORTED_KEY


@pytest.mark.parametrize("leaves_at", range(1, 18))
def test_a_card_taken_away_at_any_step_is_called_removed(
    provider: ProviderDouble, card: CardDouble, leaves_at: int
) -> None:
    card.leaves_at = leaves_at
    assert refuse(provider, card.choice, PersonDouble("1234")).outcome is Outcome.REMOVED
    assert provider.cancel_reasons() == ["removed"]


def test_no_reader_is_told_to_the_page(provider: ProviderDouble) -> None:
    assert refuse(provider, "socket:127.0.0.1:1", PersonDouble("1234")).outcome is Outcome.NO_READER
    assert provider.cancel_reasons() == ["no_reader"]


def test_cancelling_is_told_to_the_page_and_signs_nothing(provider: ProviderDouble, card: CardDouble) -> None:
    assert refuse(provider, card.choice, PersonDouble()).outcome is Outcome.CANCELLED
    assert provider.cancel_reasons() == ["cancelled"]
    assert not any(command[1] == 0x2A for command in card.commands)


def test_a_transaction_that_ran_out_while_the_person_read_is_not_signed(
    provider: ProviderDouble, card: CardDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.behaviour.expires_in = 1
    person = PersonDouble("1234")
    ask = person.ask_pin

    def read_slowly(confirmation: Any, deadline: Any) -> bytearray:
        deadline._ends -= 2
        return ask(confirmation, deadline)

    monkeypatch.setattr(person, "ask_pin", read_slowly)
    assert refuse(provider, card.choice, person).outcome is Outcome.TIMEOUT
    assert provider.cancel_reasons() == ["timeout"]
    assert person.given == [bytearray(4)]


def test_tries_that_changed_while_the_person_read_stop_the_pin(provider: ProviderDouble, card: CardDouble) -> None:
    class Meddled(PersonDouble):
        def ask_pin(self, confirmation: Any, deadline: Any) -> bytearray:
            card.tries_left -= 1
            return super().ask_pin(confirmation, deadline)

    assert refuse(provider, card.choice, Meddled("1234")).outcome is Outcome.CARD_FAILED
    assert not any(command[1] == 0x20 and len(command) > 4 for command in card.commands)


def test_the_pin_for_one_card_is_not_given_to_another(provider: ProviderDouble, card: CardDouble) -> None:
    class Swapped(PersonDouble):
        def ask_pin(self, confirmation: Any, deadline: Any) -> bytearray:
            card.certificate = make_certificate(card.key)[:-1] + b"x"
            return super().ask_pin(confirmation, deadline)

    assert refuse(provider, card.choice, Swapped("1234")).outcome is Outcome.CARD_FAILED
    assert not any(command[1] == 0x20 and len(command) > 4 for command in card.commands)


def test_an_app_that_is_spelled_like_a_host_is_called_an_app(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.transaction["redirect_uri"] = "bank.example.jp:/callback"
    person = PersonDouble("1234")
    sign_in(provider, card.choice, person)
    first = person.shown[0].rows[0]
    assert (first.label, first.value) == ("You are signing in to an app", "bank.example.jp:")


def test_a_hostile_transaction_is_shown_to_nobody_and_ended(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.transaction["client_name"] = "Bank \u202e knaB"
    person = PersonDouble("1234")
    assert refuse(provider, card.choice, person).outcome is Outcome.INVALID_ANSWER
    assert (person.shown, card.commands, provider.cancel_reasons()) == ([], [], ["cancelled"])


@pytest.mark.parametrize("path", ["/card/open", "/card/proof"])
def test_a_lost_answer_is_met_by_the_identical_request(provider: ProviderDouble, card: CardDouble, path: str) -> None:
    provider.behaviour.answers_to_lose[path] = 2
    assert sign_in(provider, card.choice, PersonDouble("1234")) == provider.return_url
    bodies = [request.body for request in provider.requests if request.path == path]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1


def test_a_lost_refusal_is_asked_for_again_with_the_identical_body(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.replies["/card/proof"] = [refusal_of_card("revoked")] * 2
    provider.behaviour.answers_to_lose["/card/proof"] = 1
    error = refuse(provider, card.choice, PersonDouble("1234"))
    assert (error.outcome, error.code) == (Outcome.CARD_REFUSED, "revoked")
    first, second = (request.body for request in provider.requests if request.path == "/card/proof")
    assert first == second


def test_a_provider_that_stays_silent_is_unreachable(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.answers_to_lose["/card/proof"] = 99
    assert refuse(provider, card.choice, PersonDouble("1234")).outcome is Outcome.UNREACHABLE
    assert provider.paths().count("/card/proof") == 4


def test_a_proof_being_checked_is_asked_for_again(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.replies["/card/proof"] = [(409, {"error": "proof_in_progress", "reference": "R"})] * 2
    assert sign_in(provider, card.choice, PersonDouble("1234")) == provider.return_url


def test_a_bad_signature_is_signed_again_over_the_next_nonce(provider: ProviderDouble, card: CardDouble) -> None:
    card.tries_left = 2
    provider.behaviour.replies["/card/proof"] = [refusal_of_card("bad_signature")]
    person = PersonDouble("1234", "1234")
    assert sign_in(provider, card.choice, person) == provider.return_url
    assert [confirmation.rows[-1].value for confirmation in person.shown] == ["2", "3"]
    first, second = (json.loads(r.body) for r in provider.requests if r.path == "/card/proof")
    assert first["signature"] != second["signature"]


def test_a_bad_signature_without_tries_left_ends_it(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.replies["/card/proof"] = [refusal_of_card("bad_signature", tries_left=0)]
    assert refuse(provider, card.choice, PersonDouble("1234", "1234")).outcome is Outcome.CARD_REFUSED


@pytest.mark.parametrize("code", ["revoked", "expired", "different_person", "suspended", "malformed"])
def test_other_refusals_are_told_and_not_repeated(provider: ProviderDouble, card: CardDouble, code: str) -> None:
    provider.behaviour.replies["/card/proof"] = [refusal_of_card(code)]
    error = refuse(provider, card.choice, PersonDouble("1234", "1234"))
    assert (error.outcome, error.code, error.reference) == (Outcome.CARD_REFUSED, code, "REF7")
    assert provider.paths() == ["/card/open", "/card/proof"]


def test_not_finding_out_is_not_a_refusal(provider: ProviderDouble, card: CardDouble) -> None:
    status, body = refusal_of_card("status_unavailable")
    provider.behaviour.replies["/card/proof"] = [(503, body)]
    error = refuse(provider, card.choice, PersonDouble("1234"))
    assert (status, error.outcome) == (422, Outcome.UNAVAILABLE)


def test_an_outage_without_a_next_nonce_is_an_outage_too(provider: ProviderDouble, card: CardDouble) -> None:
    provider.behaviour.replies["/card/proof"] = [(503, {"error": "status_unavailable", "reference": "REF9"})]
    error = refuse(provider, card.choice, PersonDouble("1234"))
    assert (error.outcome, error.reference) == (Outcome.UNAVAILABLE, "REF9")


def test_a_staff_pass_in_another_reader_is_passed_over(
    provider: ProviderDouble, card: CardDouble, certificate: bytes
) -> None:
    with CardDouble(card.key, certificate) as staff_pass:
        staff_pass.has_application = False
        by_place = {d.choice: make_card_source(d.choice) for d in (staff_pass, card)}

        class TwoReaders:
            def find_cards(self, wait_seconds: float) -> tuple[str, ...]:
                return tuple(by_place)

            def hold(self, place: str) -> AbstractContextManager[Card]:
                return by_place[place].hold(place)

        api = PresenterApi(parse_link(provider.link, (provider.issuer,)))
        options = SignInOptions(insists=False, card_wait_seconds=1)
        assert SignIn(api, TwoReaders, PersonDouble("1234"), options).run() == provider.return_url


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, "invalid_handle", Outcome.REQUEST_REFUSED),
        (410, "already_opened", Outcome.REQUEST_REFUSED),
        (410, "transaction_ended", Outcome.REQUEST_REFUSED),
        (403, "browser_request", Outcome.REQUEST_REFUSED),
        (429, "too_many_requests", Outcome.UNAVAILABLE),
        (500, "server_error", Outcome.UNAVAILABLE),
    ],
)
def test_an_opening_that_is_refused_reaches_neither_card_nor_person(
    provider: ProviderDouble, card: CardDouble, status: int, code: str, outcome: Outcome
) -> None:
    provider.behaviour.replies["/card/open"] = [(status, {"error": code, "reference": "REF8"})]
    person = PersonDouble("1234")
    error = refuse(provider, card.choice, person)
    assert (error.outcome, error.code, error.reference) == (outcome, code, "REF8")
    assert (person.shown, card.commands, provider.cancel_reasons()) == ([], [], [])


@pytest.mark.parametrize(
    "answer",
    [
        (422, {"error": "expired", "next_nonce": "", "tries_left": 3, "reference": "R"}),
        (422, {"error": "expired", "next_nonce": "m" * 42 + "A", "tries_left": True, "reference": "R"}),
        (422, {"error": "expired", "next_nonce": "", "tries_left": 0, "reference": "R", "more": ""}),
        (422, {"error": "<b>", "next_nonce": "", "tries_left": 0, "reference": "R"}),
        (422, {"error": "expired", "next_nonce": "", "tries_left": 0, "reference": "R\u202e"}),
        (200, {"return_url": "https://evil.example/card/return/x"}),
        (200, {"return_url": 7}),
        (200, {}),
        (302, {"error": "moved", "reference": "R"}),
    ],
)
def test_an_answer_to_a_proof_that_breaks_the_rules_is_refused(
    provider: ProviderDouble, card: CardDouble, answer: tuple[int, dict[str, Any]]
) -> None:
    provider.behaviour.replies["/card/proof"] = [answer]
    assert refuse(provider, card.choice, PersonDouble("1234")).outcome is Outcome.INVALID_ANSWER


def test_the_proof_has_exactly_the_protocols_members(provider: ProviderDouble, card: CardDouble) -> None:
    sign_in(provider, card.choice, PersonDouble("1234"))
    proof = json.loads(provider.requests[-1].body)
    assert proof.keys() == {"format", "secret", "unverified_certificate", "algorithm", "signature", "presenter"}
    assert (proof["format"], proof["algorithm"], len(proof["signature"])) == ("mynumber-card/1", "RS256", 342)


def test_each_run_makes_its_own_secret(provider: ProviderDouble, card: CardDouble) -> None:
    sign_in(provider, card.choice, PersonDouble("1234"))
    error = refuse(provider, card.choice, PersonDouble("1234"))
    assert (error.outcome, error.code) == (Outcome.REQUEST_REFUSED, "already_opened")
