"""A client's developer sees what became of its requests, and nothing about a person."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from idp.jobs import write_journal
from idp.outage import StoreConflict
from tests.support.provider import Provider, make_provider
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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("named_by", ["client_id", "id_token_hint"])
def test_a_refused_sign_out_is_told_to_the_client_that_asked(provider: Provider, method: str, named_by: str) -> None:
    party = provider.relying_party()
    browser = provider.browser(**{"Accept-Language": "en"})
    named = {"client_id": party.client.client_id, "id_token_hint": party.sign_in(browser)["id_token"]}
    asked = {named_by: named[named_by], "post_logout_redirect_uri": "https://elsewhere.example/"}
    if method == "GET":
        browser.get("/end-session?" + urlencode(asked))
    else:
        browser.request("POST", "/end-session", data=asked)
    assert browser.last.status_code == 400
    detail = "post_logout_redirect_uri is none of the 0 registered ones"
    assert notes_of(provider, party)[-1] == (f"{method} /end-session", "invalid_request", detail)
    assert 'href="/sign-out"' in browser.html
    assert "To sign in" not in browser.html


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


def test_who_is_turned_away_for_asking_too_often_fills_nobodys_journal(tmp_path: Path) -> None:
    limited = make_provider(tmp_path, IDP_LIMITS__AUTHORIZE_PER_MINUTE="3")
    party = limited.relying_party()
    statuses = [limited.browser().authorize(party.request(prompt="bogus")).status_code for _ in range(6)]
    assert 429 in statuses
    assert "too_many_requests" not in {outcome for _, outcome, _ in notes_of(limited, party)}
    limited.close()


def test_notes_that_cannot_be_written_end_nothing(provider: Provider) -> None:
    """A client may be removed between the look for it and the writing of its notes."""

    class Conflicting:
        def writing(self) -> Any:
            raise StoreConflict

    party = provider.relying_party()
    provider.browser().authorize(party.request(prompt="bogus"))
    write_journal(replace(provider.parts, durable=Conflicting()))  # type: ignore[arg-type]  # only writing is asked
    assert provider.parts.journal.drain() == ()
    assert "client_notes_lost" in {line["event"] for line in provider.log_lines()}
