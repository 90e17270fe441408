"""A code is good for one redemption; a second one ends what the first one got."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return provider.relying_party(grant_types=["authorization_code", "refresh_token"])


def fresh_code(provider: Provider, party: RelyingParty) -> str:
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    return party.code(browser.agree())


def test_a_second_redemption_is_refused_and_revokes_the_first_tokens(provider: Provider, party: RelyingParty) -> None:
    """R9, F23."""
    code = fresh_code(provider, party)
    tokens = party.redeem(code).get_json()
    assert party.userinfo(tokens["access_token"]).status_code == 200
    again = party.redeem(code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert [event for event, *_ in provider.audit_events()].count("code_reused") == 1


def test_of_fifty_parallel_redemptions_one_succeeds_and_its_tokens_are_dead(
    provider: Provider, party: RelyingParty
) -> None:
    """R9, F23."""
    code = fresh_code(provider, party)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: party.redeem(code), range(50)))
    successes = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert len(successes) == 1
    assert {answer.get_json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert party.userinfo(successes[0]["access_token"]).status_code == 401
    assert party.refresh(successes[0]["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_a_stolen_code_is_worth_nothing_to_another_client(provider: Provider, party: RelyingParty) -> None:
    """R10."""
    code = fresh_code(provider, party)
    thief = provider.relying_party()
    stolen = thief.redeem(code, redirect_uri=party.client.redirect_uris[0], code_verifier=party.code_verifier)
    assert stolen.get_json()["error"] == "invalid_grant"
    assert party.redeem(code).status_code == 200


def test_a_code_with_a_wrong_verifier_is_spent(provider: Provider, party: RelyingParty) -> None:
    """R10."""
    code = fresh_code(provider, party)
    assert party.redeem(code, code_verifier="x" * 43).get_json()["error"] == "invalid_grant"
    assert party.redeem(code).get_json()["error"] == "invalid_grant"


def test_a_code_without_a_verifier_gets_nothing_however_often(provider: Provider, party: RelyingParty) -> None:
    code = fresh_code(provider, party)
    for _ in range(3):
        assert party.redeem(code, code_verifier="").get_json()["error"] == "invalid_request"
    assert party.redeem(code).status_code == 200
    assert party.redeem(code, code_verifier="").get_json()["error"] == "invalid_grant"


def test_a_code_lives_for_sixty_seconds(provider: Provider, party: RelyingParty) -> None:
    """F11."""
    young, old = fresh_code(provider, party), fresh_code(provider, party)
    provider.clock.advance(59)
    assert party.redeem(young).status_code == 200
    provider.clock.advance(1)
    assert party.redeem(old).get_json()["error"] == "invalid_grant"
