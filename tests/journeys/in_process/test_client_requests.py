"""A client's developer sees what became of its requests, and nothing about a person."""

import json

from idp.jobs import write_journal
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def notes_of(provider: Provider, party: RelyingParty) -> list[tuple[str, str, str]]:
    write_journal(provider.parts)
    notes = provider.parts.durable.list_client_notes(party.client.client_id, provider.clock())
    return [(note.where, note.outcome, note.detail) for note in reversed(notes)]


def test_each_request_is_there_with_its_outcome_and_the_reference_of_its_answer(provider: Provider) -> None:
    party, other = provider.relying_party(), provider.relying_party()
    party.sign_in(provider.browser())
    refused = party.redeem("x" * 43)
    found = notes_of(provider, party)
    assert [outcome for _, outcome, _ in found if outcome != "answered"] == ["invalid_grant"]
    assert found[-1] == ("POST /token", "invalid_grant", "code is unknown, expired or another client's")
    assert ("GET /authorize", "answered", "") in found
    notes = provider.parts.durable.list_client_notes(party.client.client_id, provider.clock(), 1)
    assert notes[0].reference == refused.get_json()["error_reference"]
    assert notes_of(provider, other) == []


def test_a_refused_authorization_request_says_what_was_wrong_with_it(provider: Provider) -> None:
    party = provider.relying_party()
    browser = provider.browser()
    browser.authorize(party.request(response_type="token"))
    browser.authorize(party.request(redirect_uri="https://elsewhere.example/"))
    found = notes_of(provider, party)
    assert [outcome for _, outcome, _ in found] == ["unsupported_response_type", "invalid_request"]
    assert "redirect_uri" in found[1][2]


def test_of_a_client_that_is_not_there_and_of_secrets_nothing_is_kept(provider: Provider) -> None:
    party = provider.relying_party()
    party.post("/token", {"client_id": "nobody", "client_secret": "guessed-secret", "grant_type": "refresh_token"})
    tokens = party.sign_in(provider.browser())
    write_journal(provider.parts)
    assert provider.count_rows("client_notes", "client_id = 'nobody'") == 0
    written = json.dumps(notes_of(provider, party))
    assert not any(secret in written for secret in (tokens["access_token"], party.sub(tokens), "guessed-secret"))


def test_a_client_keeps_its_newest_requests_only_and_takes_them_along(provider: Provider) -> None:
    party = provider.relying_party()
    for _ in range(230):
        provider.browser().authorize(party.request(prompt="bogus"))
        provider.clock.advance(1)
    assert len(notes_of(provider, party)) <= 200
    provider.parts.client_administration.delete_client(party.client.client_id, provider.clock())
    assert provider.count_rows("client_notes") == 0
