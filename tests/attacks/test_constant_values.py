"""A client, or a program that stands for one, that makes nothing anew: what PKCE and nonce are worth then (R8)."""

import base64
import hashlib

from idp.jobs import write_journal
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

VERIFIER = "the-same-verifier-for-everybody-and-for-ever-01"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def outcomes(provider: Provider, party: RelyingParty) -> list[tuple[str, str]]:
    write_journal(provider.parts)
    notes = provider.parts.durable.list_client_notes(party.client.client_id, provider.clock())
    return [(note.outcome, note.detail) for note in reversed(notes) if note.where == "POST /token"]


def code_for(party: RelyingParty, browser: Browser, **changes: str | None) -> str:
    browser.authorize(party.request(**changes))
    if browser.last.status_code == 200:
        browser.use_sandbox_card()
        browser.agree()
    return party.code(browser.last)


def test_r8_a_constant_verifier_signs_in_one_person_and_no_second_one(
    provider: Provider, relying_party: RelyingParty
) -> None:
    first = relying_party.redeem(
        code_for(relying_party, provider.browser(), code_challenge=CHALLENGE), code_verifier=VERIFIER
    )
    assert first.status_code == 200
    second = relying_party.redeem(
        code_for(relying_party, provider.browser(), code_challenge=CHALLENGE), code_verifier=VERIFIER
    )
    assert (second.status_code, second.get_json()["error"]) == (400, "invalid_grant")
    assert relying_party.userinfo(first.get_json()["access_token"]).status_code == 200
    assert outcomes(provider, relying_party) == [("answered", ""), ("invalid_grant", "constant code_challenge")]


def test_r8_it_is_found_however_often_and_in_one_browser_too(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    answers = [
        relying_party.redeem(
            code_for(relying_party, browser, code_challenge=CHALLENGE, nonce=None), code_verifier=VERIFIER
        )
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 400]


def test_an_address_that_is_opened_twice_gives_codes_of_which_the_last_can_be_redeemed(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """A double click, a reload, the back button: the client redeems the one for which it still has the state."""
    browser = provider.browser()
    relying_party.sign_in(browser)
    request = relying_party.request()
    browser.authorize(request)
    relying_party.code(browser.last)
    browser.authorize(request)
    assert relying_party.redeem(relying_party.code(browser.last)).status_code == 200
    assert "invalid_grant" not in dict(outcomes(provider, relying_party))


def test_a_stranger_who_copies_a_challenge_cannot_have_the_owners_code_refused(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """The challenge stands in the browser's address; without its verifier no code of it is redeemed."""
    owner, stranger = provider.browser(), provider.browser()
    request = relying_party.request()
    verifier = relying_party.code_verifier
    copied = code_for(relying_party, stranger, code_challenge=request["code_challenge"])
    assert relying_party.redeem(copied, code_verifier="x" * 43).get_json()["error"] == "invalid_grant"
    owner.authorize(request)
    owner.use_sandbox_card()
    owner.agree()
    assert relying_party.redeem(relying_party.code(owner.last), code_verifier=verifier).status_code == 200


def test_r8_a_constant_nonce_is_told_to_developer_and_operator(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    for _ in range(2):
        assert relying_party.redeem(code_for(relying_party, browser, nonce="for-ever")).status_code == 200
    assert [outcome for outcome, _ in outcomes(provider, relying_party)] == ["answered", "constant_nonce", "answered"]
    (line,) = [line for line in provider.log_lines() if line["event"] == "constant_nonce"]
    assert line["client_id"] == relying_party.client.client_id
    assert "for-ever" not in provider.log.getvalue()
